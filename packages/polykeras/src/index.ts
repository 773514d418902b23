/** Keras for TypeScript with interchangeable backends. */
export {};

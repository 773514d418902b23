/** Op test vectors and runner that show whether a polykeras backend computes what it should. */
export {};

/** The plain reference engine of polykeras: readable loops in float64. */
export {};

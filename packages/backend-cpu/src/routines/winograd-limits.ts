/** Where F(2x2, 3x3) is chosen. */
export const limits: {
  /**
   * Terms of an output that share a tap. With fewer, an error can be more than its share of the terms' magnitudes: it is
   * one of the largest term's (docs/adr/0008).
   */
  readonly depth: number;
  /** How many times faster than the direct algorithm it must be. */
  readonly gain: number;
} = { depth: 16, gain: 1.2 };

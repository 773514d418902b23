import { type Tile, defaultSteps, defaultTile, tileKey } from "./emit/tile.ts";

/**
 * The bounds by which the engine chooses among codes that compute the same. They follow from measurements; tests move
 * them, so that small operands take every code.
 */
export interface Bounds {
  /** Elements that each operand of a product has at most if it takes the kernel for small ones. */
  readonly smallProductMax: number;
  /** B is packed into panels if C has more than so many tiles from top to bottom, and B more than so many elements. */
  readonly packedTiles: number;
  readonly packedElements: number;
  /** A row vector takes B row by row if B has so many rows and more than so many bytes. */
  readonly streamedRows: number;
  readonly streamedBytes: number;
  /** Rows of packed B in a block: with the tile's columns it stays in the first-level cache. */
  readonly blockDepth: number;
  /** Rows of A and C worked on before the next panel of B, rounded to whole tiles. */
  readonly blockRows: number;
  /** Bytes of A that are worked on at once without such blocks. */
  readonly blockBytes: number;
  /**
   * Products of so many elements run the loop behind them on their tiles. Smaller ones stay in the cache until a loop
   * of their own reads them: an epilogue saves nothing, and its code, once per element of a tile, takes time to compile.
   */
  readonly epilogueElements: number;
  /** Loops of so many elements, or rows of so many vectors, pay for the time that more code takes to compile. */
  readonly largeLoop: number;
  readonly longRow: number;
  /** Loops of so many elements come from memory: sums of columns read long stretches of a row before the next one. */
  readonly hugeLoop: number;
  /** Convolutions take the short code that leaves the padding out. */
  readonly exactConvolutions: boolean;
  /**
   * Convolutions of 3 x 3 take Winograd's algorithm if so many terms of an output share a tap, and it is so many times
   * faster. With fewer terms an error, which is a share of the largest one, can be more than a share of all
   * (docs/adr/0008).
   */
  readonly winogradDepth: number;
  readonly winogradGain: number;
  /** Steps of a convolution's innermost loop that stand after one another; with up to twice as many steps there is no loop. */
  readonly convolutionSteps: number;
  /** Sums of a convolution that are longer are added up in chains of about half of that: they lose no accuracy by it. */
  readonly chainMax: number;
  /** A kernel's gradient of so many products is summed in parts, if each has so many places of the output. */
  readonly partedProducts: number;
  readonly partPlaces: number;
}

/** The bounds, by which programs are planned, and what only the code depends on. */
export interface Choices extends Bounds {
  readonly tile: Tile;
}

const usual: Omit<Bounds, "convolutionSteps"> = {
  smallProductMax: 2 ** 13,
  packedTiles: 2,
  packedElements: 4096,
  streamedRows: 32,
  streamedBytes: 2 ** 17,
  blockDepth: 256,
  blockRows: 120,
  blockBytes: 2 ** 17,
  epilogueElements: 2 ** 16,
  largeLoop: 2 ** 14,
  longRow: 24,
  hugeLoop: 2 ** 22,
  exactConvolutions: false,
  winogradDepth: 16,
  winogradGain: 1.2,
  chainMax: 1024,
  partedProducts: 2 ** 22,
  partPlaces: 512,
};

/** The choices of an engine with or without fused multiply-add, but for those that are given. */
export function choicesOf(fma: boolean, forced: Partial<Choices> = {}): Choices {
  return { ...usual, tile: defaultTile(fma), convolutionSteps: defaultSteps(fma), ...forced };
}

/** What tells choices apart. */
export function choicesKey({ tile, ...bounds }: Choices): string {
  return [tileKey(tile), ...Object.values(bounds)].join();
}

/** What the code of a function depends on beside its key, which has the tile. */
export function codeKey(fma: boolean, choices: Choices): string {
  return `${fma},${choicesKey({ ...choices, tile: defaultTile(fma) })}`;
}

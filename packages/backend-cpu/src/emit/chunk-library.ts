import type { Holder } from "../threads/team.ts";

const libraryMax = 1024;

/** A chunk function under its number in the team, for a program that keeps the holder. */
interface Chunk {
  readonly number: number;
  readonly holder: Holder;
}

/** Chunk functions of earlier modules by key; when there are too many, all go: programs hold what they use. */
export class ChunkLibrary {
  readonly #chunks = new Map<string, Chunk>();

  get(key: string): Chunk | undefined {
    return this.#chunks.get(key);
  }

  set(key: string, chunk: Chunk): void {
    if (this.#chunks.size >= libraryMax) this.#chunks.clear();
    this.#chunks.set(key, chunk);
  }
}

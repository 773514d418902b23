import type { Choices } from "../choices.ts";
import type { Team } from "../threads/team.ts";
import type { BodyCache, KernelLibrary, Note } from "../wasm/module.ts";
import type { ChunkLibrary } from "./chunk-library.ts";
import type { Worth } from "./cuts.ts";

/** What a program is emitted for, and what it shares with others. */
export interface EmitOptions {
  readonly fma: boolean;
  readonly choices: Choices;
  /** Code of earlier modules with the same `fma` and choices, but for the tile. */
  readonly cache?: BodyCache;
  readonly library?: KernelLibrary;
  /** Threads that share a memory, and what is worth giving to them. */
  readonly threads?: { readonly team: Team; readonly worth: Worth; readonly library: ChunkLibrary };
  /** Told the key of each function that is emitted, for tests. */
  readonly note?: Note;
}

/** What tells programs' functions apart: their bodies, and keys of the kernels, or numbers of the functions, that they call. */
export interface Identity {
  readonly bytes: Uint8Array;
  readonly calls: readonly (string | number)[];
}

/** The function that runs a program with the table at that address. */
export type Run = (table: number) => void;

const runsMax = 128;

/**
 * The functions of the last programs: one that does the same with other numbers in its table takes that of the earlier
 * one, and what V8 has optimised stays so. Programs keep theirs when it goes from here.
 */
export class RunLibrary {
  /** Most recently used last. */
  readonly #known: { readonly identity: Identity; readonly run: Run }[] = [];

  get(identity: Identity): Run | undefined {
    const at = this.#known.findLastIndex((known) => isSame(known.identity, identity));
    if (at < 0) return undefined;
    const found = this.#known[at]!;
    this.#known.splice(at, 1);
    this.#known.push(found);
    return found.run;
  }

  set(identity: Identity, run: Run): void {
    if (this.#known.length >= runsMax) this.#known.shift();
    this.#known.push({ identity, run });
  }
}

function isSame(a: Identity, b: Identity): boolean {
  if (a.bytes.length !== b.bytes.length || a.calls.length !== b.calls.length) return false;
  for (let i = 0; i < a.calls.length; i++) if (a.calls[i] !== b.calls[i]) return false;
  for (let i = 0; i < a.bytes.length; i++) if (a.bytes[i] !== b.bytes[i]) return false;
  return true;
}

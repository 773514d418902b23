import type { Backend, Executable, MaybePromise } from "../backend/contract.ts";
import { numberKey } from "../graph/key.ts";
import { constantsKey, structureKey } from "../program/key.ts";
import type { Program } from "../program/program.ts";
import { drive, isDriven } from "./drive.ts";
import { chain, isPromise } from "./maybe.ts";

/** How many compiled programs one backend keeps for later models of the same structure. */
const capacity = 128;

/** A compiled program as its users hold it: with the last of them its executable is disposed of. */
export interface Compiled {
  readonly executable: Executable;
}

const caches = new WeakMap<Backend, Map<string, MaybePromise<Compiled>>>();
const forgotten = new FinalizationRegistry<Executable>((executable) => executable.dispose());

/**
 * The program, compiled once per structure, shapes and constants. The oldest entry leaves a full cache; it
 * goes on working for those who hold it.
 */
export function compile(backend: Backend, program: Program): MaybePromise<Compiled> {
  let cache = caches.get(backend);
  if (!cache) caches.set(backend, (cache = new Map()));
  const key = programKey(program);
  const hit = cache.get(key);
  if (hit !== undefined) {
    cache.delete(key);
    cache.set(key, hit);
    return hit;
  }
  const started = isDriven(backend, program) ? drive(backend, program, compile) : backend.function(program);
  const made = chain(started, (executable): Compiled => {
    const compiled = { executable };
    forgotten.register(compiled, executable);
    return compiled;
  });
  cache.set(key, made);
  if (isPromise(made))
    made.then(
      (compiled) => cache.get(key) === made && cache.set(key, compiled),
      () => cache.delete(key),
    );
  const oldest = cache.size > capacity ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  return made;
}

/** Forgets every compiled program of a backend. */
export function forgetPrograms(backend: Backend): void {
  caches.delete(backend);
}

/** Everything that decides how a program runs; names of inputs do not. */
function programKey(program: Program): string {
  return `${structureKey(program)}|${constantsKey(program, (data) => Array.from(data, numberKey).join())}`;
}

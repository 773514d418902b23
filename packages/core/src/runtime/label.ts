import type { Backend } from "../backend/contract.ts";

const labels = new WeakMap<Backend, string>();

/** Remembers under which name a backend was asked for, for messages about one that has no name of its own. */
export function label(backend: Backend, name: string): void {
  if (!labels.has(backend)) labels.set(backend, name);
}

export function labelOf(backend: Backend): string {
  return backend.name ?? labels.get(backend) ?? "unnamed";
}

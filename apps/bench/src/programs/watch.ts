import type { Backend, Program } from "@polykeras/core";

/** Runs engine code and gives what it gives; `program` is what it compiles, if it does. */
export type Within = <T>(work: () => T, program?: Program) => T;

/** The engine, all of whose work is done through `within`. */
export function watch(inner: Backend, within: Within): Backend {
  return {
    contract: 1,
    name: inner.name ?? "engine",
    placeholder: (spec) => within(() => inner.placeholder(spec)),
    variable: (spec, value) => within(() => inner.variable(spec, value)),
    function: (program) =>
      within(() => {
        const compiled = inner.function(program);
        if (compiled instanceof Promise) return compiled;
        return { run: (inputs) => within(() => compiled.run(inputs)), dispose: () => compiled.dispose() };
      }, program),
    ...(inner.supports && { supports: (step) => inner.supports?.(step) ?? true }),
  };
}

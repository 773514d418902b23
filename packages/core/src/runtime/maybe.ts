import type { MaybePromise } from "../backend/contract.ts";

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Continues at once when the value is there: engines that answer synchronously pay no turn of the event loop. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** `Promise.all` that stays synchronous when every value is there. */
export function all<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  const ready: T[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (isPromise(value)) return Promise.all(values);
    ready.push(value);
  }
  return ready;
}

/** Runs `step` over the items one after the other, synchronously as long as every step is. */
export function sequence<T>(
  items: readonly T[],
  step: (item: T, index: number) => MaybePromise<void>,
): MaybePromise<void> {
  for (const [i, item] of items.entries()) {
    const pending = step(item, i);
    if (isPromise(pending))
      return pending.then(() => sequence(items.slice(i + 1), (rest, k) => step(rest, i + 1 + k)));
  }
}

/** Runs `cleanup` once the task has ended, with a value or an error, at once or later. */
export function lastly<T>(task: () => MaybePromise<T>, cleanup: () => void): MaybePromise<T> {
  let result: MaybePromise<T>;
  try {
    result = task();
  } catch (error) {
    cleanup();
    throw error;
  }
  if (isPromise(result)) return result.finally(cleanup);
  cleanup();
  return result;
}

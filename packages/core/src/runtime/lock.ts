import type { Backend, MaybePromise } from "../backend/contract.ts";
import { isPromise } from "./maybe.ts";

const pending = new WeakMap<Backend, Promise<unknown>>();

/**
 * Runs tasks on a backend one after the other. While nothing asynchronous is under way a task starts at once,
 * so that synchronous engines answer synchronously.
 */
export function exclusive<T>(backend: Backend, task: () => MaybePromise<T>): MaybePromise<T> {
  const before = pending.get(backend);
  const result = before ? before.then(task, task) : task();
  if (isPromise(result)) {
    const settled = result.then(
      () => {},
      () => {},
    );
    pending.set(backend, settled);
    void settled.then(() => {
      if (pending.get(backend) === settled) pending.delete(backend);
    });
  }
  return result;
}

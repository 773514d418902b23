/** Milliseconds that a loop may run before a page gets a turn to paint, and other hosts one to take events. */
const budgets = { page: 16, other: 50 } as const;

interface Scheduler {
  yield(): Promise<void>;
}

function schedulerOf(host: object): Scheduler | null {
  const scheduler: unknown = Reflect.get(host, "scheduler");
  const isScheduler = (value: unknown): value is Scheduler =>
    typeof value === "object" && value !== null && "yield" in value && typeof value.yield === "function";
  return isScheduler(scheduler) ? scheduler : null;
}

/** A turn of the event loop, in the quickest way the host has. */
function turn(): Promise<void> {
  const scheduler = schedulerOf(globalThis);
  if (scheduler) return scheduler.yield();
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Tells when a turn is due. */
export class Breath {
  readonly #budget: number =
    typeof Reflect.get(globalThis, "document") === "object" ? budgets.page : budgets.other;
  #since: number = performance.now();

  get due(): boolean {
    return performance.now() - this.#since > this.#budget;
  }

  async take(): Promise<void> {
    await turn();
    this.#since = performance.now();
  }
}

import { openBackend } from "@polykeras/core";

// Opens the engine that its parameter names, and sends on what it runs, or why it does not. In a process of its own: a
// driver may crash.

/** What the process sends back; one of the two is null. */
export interface Answer {
  /** The device in its own words, "" where the engine does not tell. */
  readonly adapter: string | null;
  readonly why: string | null;
}

async function ask(engine: string): Promise<Answer> {
  try {
    const backend: object = await openBackend(engine);
    const running: unknown = Reflect.get(backend, "running");
    const isTold = typeof running === "object" && running !== null;
    return { adapter: String((isTold && Reflect.get(running, "adapter")) || ""), why: null };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { adapter: null, why: cause instanceof Error ? cause.message : String(cause) };
  }
}

process.send?.(await ask(process.argv[2] ?? ""));

import { expect, test } from "vitest";
import { ChildFailedError, runFresh } from "./fresh.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}.mjs`, import.meta.url);

test("gives the message and what the process wrote", async () => {
  const run = await runFresh(fixture("answers"), ["one"], { environment: { KERAS_BACKEND: "cpu" } });
  expect(run).toEqual({ message: { parameters: ["one"], backend: "cpu" }, output: "a notice" });
});

test("a process that throws has failed, also after a message", async () => {
  const failure = runFresh(fixture("throws"), []);
  await expect(failure).rejects.toThrow(ChildFailedError);
  await expect(failure).rejects.toMatchObject({ output: expect.stringContaining("TypeError: no luck") });
});

test("a process that does not end is ended", async () => {
  await expect(runFresh(fixture("hangs"), [], { seconds: 0.3 })).rejects.toThrow("by SIGKILL (limit: 0.3 s)");
});

import { afterEach, expect, test, vi } from "vitest";
import { Breath } from "./yield.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Whether a turn is due after so many milliseconds. */
function dueAfter(...times: readonly number[]): boolean[] {
  const clock = vi.spyOn(performance, "now").mockReturnValue(1000);
  const breath = new Breath();
  return times.map((time) => {
    clock.mockReturnValue(1000 + time);
    return breath.due;
  });
}

test("a page gets a turn after a frame's time, other hosts less often", () => {
  expect(dueAfter(16, 17, 50, 51)).toEqual([false, false, false, true]);
  vi.stubGlobal("document", {});
  expect(dueAfter(16, 17)).toEqual([false, true]);
});

test("a turn lets what waits go first, and starts the time anew", async () => {
  const clock = vi.spyOn(performance, "now").mockReturnValue(0);
  const breath = new Breath();
  clock.mockReturnValue(100);
  expect(breath.due).toBe(true);
  const events: string[] = [];
  setTimeout(() => events.push("timer"), 0);
  await new Promise((resolve) => setTimeout(resolve, 1));
  setImmediate(() => events.push("immediate"));
  await breath.take();
  expect(events).toEqual(["timer", "immediate"]);
  expect(breath.due).toBe(false);
});

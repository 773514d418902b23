import { expect, test } from "vitest";
import { time } from "./timing.ts";

test("warms up, then times batches; a slow run is not repeated for long", async () => {
  let runs = 0;
  const { best, median } = await time(() => void (runs += 1), {
    warm: 2,
    measured: 2,
    batch: 0.5,
    most: 100,
  });
  expect(runs).toBeGreaterThan(5);
  expect(best).toBeGreaterThan(0);
  expect(median).toBeGreaterThanOrEqual(best);

  let slow = 0;
  const wait = async (): Promise<void> => {
    slow += 1;
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  await time(wait, { warm: 1, measured: 1, batch: 1, most: 20 });
  expect(slow).toBe(2);
});

import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

/** Jobs done alone until the next one that is shared. */
function rest(pace: Pace): number {
  let jobs = 0;
  while (!pace.next()) jobs++;
  return jobs;
}

function share(pace: Pace, times: number, taken: number, alone: number): void {
  for (let i = 0; i < times; i++) pace.record(taken, alone);
}

test("jobs are shared as long as that saves time", () => {
  const pace = new Pace();
  for (let round = 0; round < 100; round++) {
    expect(rest(pace)).toBe(0);
    // One job that waits for long is made up for by the others.
    share(pace, 1, 5, 2);
    share(pace, 7, 1, 2);
  }
});

test("jobs are done alone for a while, and a longer one each time, where sharing them costs time", () => {
  const pace = new Pace();
  const rests: number[] = [];
  for (let round = 0; round < 8; round++) {
    share(pace, 8, 3, 2);
    rests.push(rest(pace));
  }
  expect(rests).toEqual([32, 64, 128, 256, 512, 1024, 1024, 1024]);
  share(pace, 8, 1, 2);
  expect(rest(pace)).toBe(0);
  share(pace, 8, 3, 2);
  expect(rest(pace)).toBe(32);
});

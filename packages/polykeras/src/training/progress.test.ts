import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressBar, formatValue } from "./progress.ts";

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function terminal(): { dynamic: boolean; write(text: string): void; written: string[] } {
  const written: string[] = [];
  return { dynamic: true, write: (text) => void written.push(text), written };
}

test("values have four digits and never read 0.0000", () => {
  const values = [0.69324, 0.5, 123.456, 0.001, 0.00099, 1e-12, 0, -0.00001, -2, Number.NaN];
  expect(values.map(formatValue)).toEqual([
    "0.6932",
    "0.5000",
    "123.4560",
    "1.0000e-03",
    "9.9000e-04",
    "1.0000e-12",
    "0.0000e+00",
    "-1.0000e-05",
    "-2.0000",
    "nan",
  ]);
});

test("the bar in a terminal is Keras's", () => {
  const output = terminal();
  const bar = new ProgressBar(8, 1, output);
  now = 100;
  expect(bar.due(1)).toBe(true);
  bar.update(1, { loss: 0.7 });
  now = 120;
  expect(bar.due(3)).toBe(false);
  now = 180;
  expect(bar.due(5)).toBe(true);
  bar.update(5, { loss: 0.69 });
  now = 300;
  bar.finish({ loss: 0.69, accuracy: 0.5 });
  expect(output.written).toEqual([
    "\r1/8 [==>...........................] - ETA: 0s - loss: 0.7000",
    `${"\b".repeat(61)}\r5/8 [=================>............] - ETA: 0s - loss: 0.6900`,
    `${"\b".repeat(61)}\r8/8 [==============================] - 0s 29ms/step - loss: 0.6900 - accuracy: 0.5000`,
    "\n",
  ]);
});

test("verbose 2, and any output that is no terminal, get a line per epoch", () => {
  for (const [verbose, dynamic] of [
    [2, true],
    [1, false],
  ] as const) {
    const output = { ...terminal(), dynamic };
    now = 0;
    const bar = new ProgressBar(8, verbose, output);
    now = 2000;
    expect(bar.due(1)).toBe(false);
    bar.finish({ loss: 0.69 });
    expect(output.written).toEqual(["8/8 - 2s - loss: 0.6900 - 2s/epoch - 250ms/step\n"]);
  }
});

test("long steps show minutes and hours", () => {
  const output = terminal();
  const bar = new ProgressBar(100, 1, output);
  now = 90_000;
  bar.update(1, {});
  now = 180_000;
  bar.update(98, {});
  expect(output.written[0]).toContain("  1/100 [..............................] - ETA: 2:28:30");
  expect(output.written[1]).toContain(" 98/100 [============================>.] - ETA: 3s");
});

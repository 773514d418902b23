import { colorful } from "./colors.ts";
import { plot } from "simple-ascii-chart";

/** Columns from one epoch to the next, where all fit; so the ticks stand evenly. */
const stride = 4;
const widest = 96;
/** Two rows for each quarter of the range, and the zero line. */
const height = 9;

/** `values[i]`, the loss after epoch i + 1, as a line over the epochs. */
export function drawCurve(values: readonly number[]): string {
  const epochs = values.length;
  const width = Math.min((epochs - 1) * stride + 1, widest);
  // The plot draws steps between points; a point for each column makes the straight lines between them.
  const points = Array.from({ length: width }, (_, column): [number, number] => {
    const at = (column / (width - 1)) * (epochs - 1);
    const before = Math.floor(at);
    const low = values[before] ?? 0;
    const high = values[before + 1] ?? low;
    return [at + 1, low + (high - low) * (at - before)];
  });
  const top = Math.ceil(Math.max(...values) * 4) / 4;
  const chart = plot(points, {
    width,
    height,
    yRange: [0, top],
    ...(colorful && { color: "ansiCyan" }),
    customXAxisTicks: Array.from({ length: epochs }, (_, index) => index + 1),
    customYAxisTicks: [0, 1, 2, 3, 4].map((quarter) => (top * quarter) / 4),
    formatter: (value, { axis }) => (axis === "y" ? value.toFixed(2) : String(Math.round(value))),
  });
  const lines = chart.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => `  ${line.trimEnd()}`).join("\n");
}

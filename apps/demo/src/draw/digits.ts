import { colorful, colors } from "./colors.ts";
import { pad } from "./table.ts";

/** A picture of 8x8 pixels from 0 to 1, what it shows, and what the model says. */
export interface Sample {
  readonly pixels: readonly number[];
  readonly digit: number;
  readonly predicted: number;
  /** The probability that the model gives its answer. */
  readonly confidence: number;
}

const side = 8;
const gap = "  ";

/** The pictures beside each other, two pixels to a character, and the predictions below. */
export function drawDigits(samples: readonly Sample[]): string {
  const lines: string[] = [];
  for (let row = 0; row < side; row += 2) {
    const parts = samples.map(({ pixels }) =>
      Array.from({ length: side }, (_, column) =>
        halves(pixels[row * side + column] ?? 0, pixels[(row + 1) * side + column] ?? 0),
      ).join(""),
    );
    lines.push(parts.join(gap));
  }
  const answers = samples.map(({ digit, predicted }) =>
    digit === predicted ? colors.green(`${predicted} ✓`) : colors.red(`${predicted} ✗ ${digit}`),
  );
  const sure = samples.map(({ confidence }) => colors.dim(`${(confidence * 100).toFixed(1)} %`));
  for (const texts of [answers, sure]) lines.push(texts.map((text) => pad(text, side, "centre")).join(gap));
  return lines.map((line) => `  ${line.trimEnd()}`).join("\n");
}

/** A character whose upper and lower half have these darknesses: greys where there is colour, else black and white. */
function halves(upper: number, lower: number): string {
  if (colorful) {
    return `\u001B[38;5;${grey(upper)};48;5;${grey(lower)}m▀\u001B[0m`;
  }
  return [" ", "▄", "▀", "█"][(upper > 0.4 ? 2 : 0) + (lower > 0.4 ? 1 : 0)] ?? " ";
}

/** One of the 24 greys of the 256-colour palette, 232 (almost black) to 255. */
function grey(ink: number): number {
  return 232 + Math.round(Math.min(1, Math.max(0, ink)) * 23);
}

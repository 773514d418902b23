import type { Trained } from "./messages.ts";

type Sample = Trained["samples"][number];

/** Draws each picture with what the model says it shows, and how sure it is. */
export function showPictures(place: HTMLElement, samples: readonly Sample[]): void {
  place.replaceChildren(...samples.map(figure));
}

function figure({ pixels, digit, predicted, confidence }: Sample): HTMLElement {
  const shown = document.createElement("figure");
  shown.dataset["right"] = String(predicted === digit);
  const says = document.createElement("figcaption");
  const answer = document.createElement("b");
  answer.textContent = predicted === digit ? `${predicted} ✓` : `${predicted} ✗ ${digit}`;
  says.append(answer, `${(confidence * 100).toFixed(1)} %`);
  shown.append(draw(pixels), says);
  return shown;
}

/** One canvas pixel for each of the 8x8; the style sheet enlarges them. Ink is grey, for light and dark themes. */
function draw(pixels: readonly number[]): HTMLCanvasElement {
  const side = Math.sqrt(pixels.length);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws no canvas");
  for (const [index, ink] of pixels.entries()) {
    context.fillStyle = `rgb(127 127 127 / ${ink})`;
    context.fillRect(index % side, Math.floor(index / side), 1, 1);
  }
  return canvas;
}

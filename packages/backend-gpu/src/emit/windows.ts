import type { AttributeValue, WindowAxis } from "@polykeras/core";
import type { Writer } from "./writer.ts";

/** An attribute that is a list of numbers. */
export function numbers(value: AttributeValue | undefined): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

const times = (x: string, by: number): string => (by === 1 ? x : `${x}*${by}`);

/**
 * Runs `body` for every element under the window at `place`, in row-major order: where it lies in the input and in
 * the window. Padding and the zeros between dilated elements are left out.
 */
export function taps(
  writer: Writer,
  axes: readonly WindowAxis[],
  place: readonly string[],
  body: (input: readonly string[], window: readonly string[]) => void,
): void {
  const nest = (axis: number, input: readonly string[], window: readonly string[]): void => {
    const of = axes[axis];
    if (!of) return body(input, window);
    const turn = (k: string): void => {
      const { position, inside } = tap(writer, of, place[axis]!, k);
      const go = (): void => nest(axis + 1, [...input, position], [...window, k]);
      if (inside === "") go();
      else writer.block(`if (${inside})`, go);
    };
    if (of.window === 1) turn("0");
    else writer.loop(of.window, turn);
  };
  nest(0, [], []);
}

/** Where in the input element `k` of a window lies, and the condition that it does, empty where it always does. */
export function tap(
  writer: Writer,
  of: WindowAxis,
  place: string,
  k: string,
): { position: string; inside: string } {
  const { stride, kernelDilation, low, inputDilation, length } = of;
  const terms = [
    ...(place === "0" ? [] : [times(place, stride)]),
    ...(k === "0" ? [] : [times(k, kernelDilation)]),
  ];
  const sum = terms.length === 0 ? "0" : terms.join("+");
  const stretched = low === 0 && /^\w+$/.test(sum) ? sum : writer.index(low === 0 ? sum : `${sum}-${low}`);
  const [first, last] = [-low, (of.out - 1) * stride + (of.window - 1) * kernelDilation - low];
  if (inputDilation === 1) {
    const conditions = [
      ...(first < 0 ? [`${stretched}>=0`] : []),
      ...(last >= length ? [`${stretched}<${length}`] : []),
    ];
    return { position: stretched, inside: conditions.join("&&") };
  }
  const position = writer.quotient(stretched, inputDilation, last + 1);
  return {
    position,
    inside: `${position}*${inputDilation}==${stretched}&&${position}>=0&&${position}<${length}`,
  };
}

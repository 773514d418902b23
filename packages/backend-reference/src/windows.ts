import type { WindowAxis } from "@polykeras/core";

/** Windows along one axis, and how far the elements of the input and of the kernel lie apart in the flat arrays. */
export interface SteppedAxis extends WindowAxis {
  readonly inputStep: number;
  readonly kernelStep: number;
}

/** The elements that one window covers: offsets in the input, and of what stands over them in the kernel. */
export interface Taps {
  readonly input: readonly number[];
  readonly kernel: readonly number[];
}

/**
 * The taps of every place, in row-major order; within a window in row-major order too. Padding and the zeros
 * between dilated elements have none.
 */
export function taps(axes: readonly SteppedAxis[]): Taps[] {
  let places: Taps[] = [{ input: [0], kernel: [0] }];
  for (const axis of axes)
    places = places.flatMap((lead) =>
      Array.from({ length: axis.out }, (_, place) => combine(lead, along(axis, place))),
    );
  return places;
}

function along(axis: SteppedAxis, place: number): Taps {
  const input: number[] = [];
  const kernel: number[] = [];
  for (let k = 0; k < axis.window; k++) {
    const position = place * axis.stride + k * axis.kernelDilation - axis.low;
    const index = position / axis.inputDilation;
    if (!Number.isInteger(index) || index < 0 || index >= axis.length) continue;
    input.push(index * axis.inputStep);
    kernel.push(k * axis.kernelStep);
  }
  return { input, kernel };
}

function combine(lead: Taps, inner: Taps): Taps {
  return {
    input: lead.input.flatMap((offset) => inner.input.map((other) => offset + other)),
    kernel: lead.kernel.flatMap((offset) => inner.kernel.map((other) => offset + other)),
  };
}

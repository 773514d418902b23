import { sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { type Arithmetic, arithmeticOf } from "../emit/tile.ts";
import { timeOfSum } from "../plan/time.ts";
import type { Local } from "../wasm/code.ts";
import { exactConvolution, hasNonFinite } from "./conv-exact.ts";
import { type Geometry, geometryKey, geometryOf, stepsOf } from "./conv-geometry.ts";
import { packKernel } from "./conv-pack.ts";
import type { Combination } from "./conv-phases.ts";
import { type Plan, packedBytes, planOf, rowsOf } from "./conv-plan.ts";
import { callTiles, levelsOf } from "./conv-tiles.ts";
import { copyOf, move, offsetTo, repeat } from "./loops.ts";
import { type Request, type Routine, type Units, areApart, bytesOfFirst, zeros } from "./routine.ts";
import { type WinogradPlan, winogradOf } from "./winograd-plan.ts";
import { emitWinograd } from "./winograd.ts";

/** Every combination of phases has loops of its own: dilations that need more are served by the short code. */
const combinationsMax = 128;

function routine(request: Request, of: Geometry, wanted: "y" | "x"): ReturnType<Routine> {
  const [output] = request.outputs;
  if (request.inputs.some(({ shape }) => sizeOf(shape) === 0)) return zeros(output!, 2);
  const plan = planOf(of, wanted);
  const winograd = winogradOf(of, wanted, request.choices);
  if (winograd) return byWinograd(request, of, wanted, winograd);
  return {
    key: `conv:${wanted}:${geometryKey(of)}`,
    numbers: [of.batch],
    ...(of.batchGroups === 1 && areApart(output!) && { units: images(request, of, plan) }),
    scratchBytes: Math.max(16, plan.frame.bytes + packedBytes(plan) * plan.groups * plan.batchGroups),
    emit: (target) => {
      const { code, module } = target;
      const fast = (): void => new Convolution(target, plan).emit();
      const [x, y] = wanted === "y" ? [0, 2] : [2, 0];
      const exact = (): void =>
        void code
          .get(x)
          .get(1)
          .get(y)
          .get(3)
          .call(exactConvolution(target, of, wanted));
      if (of.dtype === "uint8" || target.choices.exactConvolutions) return exact();
      if (plan.combinations.length > combinationsMax) return exact();
      if (plan.frame.bytes === 0 || !of.dtype.startsWith("float")) return fast();
      // A zero of the frame would make NaN of a weight that is not finite.
      code.get(1).i32(sizeOf(request.inputs[1]!.shape)).call(hasNonFinite(module, of.bytes));
      code.if(
        () =>
          code
            .get(x)
            .get(1)
            .get(y)
            .get(3)
            .call(exactConvolution(target, of, wanted)),
        fast,
      );
    },
  };
}

function byWinograd(
  { inputs: [x], outputs: [y] }: Request,
  of: Geometry,
  wanted: "y" | "x",
  plan: WinogradPlan,
): ReturnType<Routine> {
  const { scratchBytes, time, overhead } = plan;
  return {
    key: `conv:winograd:${wanted}:${geometryKey(of)}`,
    numbers: [of.batch],
    units: { steps: [bytesOfFirst(x!), 0, bytesOfFirst(y!)], time, overhead },
    scratchBytes,
    emit: (target) => emitWinograd(target, of, wanted, plan),
  };
}

/** Each image apart; every run packs the kernel and clears the frame. */
function images({ inputs: [x, kernel], outputs: [y] }: Request, of: Geometry, plan: Plan): Units {
  const weights = sizeOf(kernel!.shape);
  const places = sizeOf(of.axes.map(({ out }) => out));
  return {
    steps: [bytesOfFirst(x!), 0, bytesOfFirst(y!)],
    time: timeOfSum(places * weights, of.bytes),
    overhead: weights + plan.frame.bytes / 16,
  };
}

/** Cross-correlation by register tiles over the input, which needs no copy but for a frame of zeros. */
export const conv: Routine = (request) => {
  const [x, kernel] = request.inputs;
  return routine(request, geometryOf(x!.shape, kernel!.shape, request.outputs[0]!.shape, request), "y");
};

/** The cotangent of conv's input: a convolution of that of its output with the kernel turned around. */
export const convInputGradient: Routine = (request) => {
  const [g, kernel] = request.inputs;
  return routine(request, geometryOf(request.outputs[0]!.shape, kernel!.shape, g!.shape, request), "x");
};

const [pointerX, pointerKernel, pointerOut, batch, scratch] = [0, 1, 2, 3, 4];

class Convolution {
  readonly #target: Target;
  readonly #of: Plan;
  readonly #arithmetic: Arithmetic;
  readonly #outSteps: readonly number[];

  constructor(target: Target, plan: Plan) {
    this.#target = target;
    this.#of = plan;
    this.#arithmetic = arithmeticOf(plan.dtype, target.fma);
    this.#outSteps = stepsOf(
      plan.axes.map(({ out }) => out),
      plan.allFilters,
      plan.bytes,
    );
  }

  emit(): void {
    const { code } = this.#target;
    const { axes, groups, batchGroups, channels, filters, depth, bytes, frame, phases } = this.#of;
    const imageBytes = sizeOf(axes.map(({ size }) => size)) * channels * bytes;
    const outBytes = sizeOf(axes.map(({ out }) => out)) * this.#of.allFilters * bytes;
    if (phases.some((list) => list.some(({ taps }) => taps === 0)))
      code.get(pointerOut).i32(0).get(batch).i32(outBytes).op("i32.mul").memoryFill();
    frame.clear(code, scratch);
    const packed = code.local("i32");
    offsetTo(code, packed, scratch, frame.bytes);
    packKernel(this.#target, this.#of.layout, this.#of.combinations, pointerKernel, packed);
    const groupBytes = packedBytes(this.#of);
    repeat(code, batchGroups, () => {
      const [out, panels] = [copyOf(code, pointerOut), code.local("i32")];
      repeat(code, { local: batch }, () => {
        frame.fill(code, scratch, pointerX);
        const [from, to] = [copyOf(code, frame.bytes > 0 ? scratch : pointerX), copyOf(code, out)];
        code.get(packed).set(panels);
        repeat(code, groups, () => {
          this.#group(from, panels, to);
          move(code, from, depth * bytes);
          move(code, to, filters * bytes);
          move(code, panels, groupBytes);
        });
        code.release(from);
        code.release(to);
        move(code, pointerX, imageBytes);
        move(code, out, outBytes);
      });
      code.release(out);
      code.release(panels);
      move(code, pointerOut, filters * bytes);
      move(code, packed, groupBytes);
    });
  }

  /** All output channels of one group of one image. */
  #group(from: Local, panels: Local, to: Local): void {
    const { code } = this.#target;
    const { filters, width, bytes, frame, depth } = this.#of;
    const panel = copyOf(code, panels);
    const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
    for (const combination of this.#of.combinations) {
      const [input, output] = [code.local("i32"), code.local("i32")];
      const base = combination.map(({ base: first }, i) => (first + frame.before[i]!) * frame.steps[i]!);
      offsetTo(code, input, from, sum(base));
      offsetTo(code, output, to, sum(combination.map(({ start }, i) => start * this.#outSteps[i]!)));
      const panelBytes = rowsOf(combination, depth) * width * bytes;
      const places = this.#places(combination);
      const rows = places.slice(0, -1);
      const perBlock = rowsPerBlock(this.#target, rows[0], Math.ceil(filters / width) * panelBytes);
      this.#blocks(rows, perBlock, input, output, (block, a, c) => {
        const [source, b, column] = [copyOf(code, a), copyOf(code, panel), copyOf(code, c)];
        const tiles = (columns: number): void =>
          this.#rows(block, source, column, (from1, to1) =>
            this.#tiles(combination, places.at(-1)!, from1, b, to1, columns),
          );
        repeat(code, Math.floor(filters / width), () => {
          tiles(width);
          move(code, b, panelBytes);
          move(code, column, width * bytes);
          if (this.#of.channelwise) move(code, source, width * bytes);
        });
        if (filters % width > 0) tiles(filters % width);
        for (const local of [source, b, column]) code.release(local);
      });
      move(code, panel, Math.ceil(filters / width) * panelBytes);
      code.release(input);
      code.release(output);
    }
    code.release(panel);
  }

  /** The loops over the places of the output; those that input and output walk as one are one. */
  #places(combination: Combination): Place[] {
    const places: Place[] = [];
    for (const [i, { count, step, outMove }] of combination.entries()) {
      const [input, output] = [outMove * this.#of.frame.steps[i]!, step * this.#outSteps[i]!];
      const outer = places.at(-1);
      if (outer && outer.input === input * count && outer.output === output * count)
        places[places.length - 1] = { count: outer.count * count, input, output };
      else places.push({ count, input, output });
    }
    return places;
  }

  /** Cuts the outermost loop into blocks of rows, which all panels go over before the next block. */
  #blocks(
    places: readonly Place[],
    perBlock: number,
    input: Local,
    output: Local,
    body: (block: readonly Place[], a: Local, c: Local) => void,
  ): void {
    const { code } = this.#target;
    const [first, ...rest] = places;
    if (!first) return body([], input, output);
    const [a, c] = [copyOf(code, input), copyOf(code, output)];
    const block = (count: number): void => body([{ ...first, count }, ...rest], a, c);
    repeat(code, Math.floor(first.count / perBlock), () => {
      block(perBlock);
      move(code, a, perBlock * first.input);
      move(code, c, perBlock * first.output);
    });
    if (first.count % perBlock > 0) block(first.count % perBlock);
    code.release(a);
    code.release(c);
  }

  #rows(places: readonly Place[], input: Local, output: Local, body: (a: Local, c: Local) => void): void {
    const { code } = this.#target;
    const [place, ...rest] = places;
    if (!place) return body(input, output);
    const [a, c] = [copyOf(code, input), copyOf(code, output)];
    repeat(code, place.count, () => {
      this.#rows(rest, a, c, body);
      move(code, a, place.input);
      move(code, c, place.output);
    });
    code.release(a);
    code.release(c);
  }

  /** One row of places by one panel of output channels. */
  #tiles(combination: Combination, place: Place, a: Local, b: Local, c: Local, columns: number): void {
    const { dtype, depth, width, bytes, channelwise, frame } = this.#of;
    callTiles(
      this.#target,
      place.count,
      width,
      { a, b, c },
      {
        dtype,
        arithmetic: this.#arithmetic,
        columns,
        ...levelsOf(
          combination.map(({ taps, tapMove }, i) => ({ count: taps, step: tapMove * frame.steps[i]! })),
          depth,
          bytes,
        ),
        depthStrideB: width * bytes,
        rowStrideA: place.input,
        rowStrideC: place.output,
        adds: false,
        channelwise,
      },
    );
  }
}

/** One row if the whole kernel stays in the cache beside it, else as many as stay there beside one panel. */
function rowsPerBlock(
  { choices: { blockBytes } }: Target,
  row: Place | undefined,
  kernelBytes: number,
): number {
  if (!row || kernelBytes <= blockBytes) return 1;
  return Math.min(row.count, Math.max(1, Math.floor(blockBytes / Math.max(1, row.input))));
}

/** One loop over output places; how far the input and the output move each time, in bytes. */
interface Place {
  readonly count: number;
  readonly input: number;
  readonly output: number;
}

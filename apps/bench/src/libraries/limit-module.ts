/** How many independent chains of multiplications and additions there are: more than one unit's latency needs. */
const chains = 12;
/** Multiplications and additions of floats in one turn of `peak`'s loop. */
export const flopsPerTurn: number = chains * 4 * 2 * 4;

/**
 * A module of WebAssembly with one memory, `memory`, which it has itself or, if it is shared, imports as `memory` of
 * `limit`, and four loops: `peak(turns)` on registers alone, with fused
 * multiply-add or with its two halves; `copy(to, from, bytes)` and `read(from, bytes)`, for multiples of 64 bytes, and
 * `move(to, from, bytes)`, which is the engine's own copying. Source: the binary format of the WebAssembly
 * specification.
 */
export function limitModule(fused: boolean, pages: number, shared = false): Uint8Array<ArrayBuffer> {
  const i32 = 0x7f;
  const types = [
    [0x60, 1, i32, 1, i32],
    [0x60, 3, i32, i32, i32, 0],
    [0x60, 2, i32, i32, 1, i32],
  ];
  const names = ["peak", "copy", "move", "read"];
  const exported = [
    ...names.map((name, index) => [...text(name), 0, ...leb(index)]),
    [...text("memory"), 2, 0],
  ];
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, types),
    ...(shared
      ? [section(2, [[...text("limit"), ...text("memory"), 2, 3, ...leb(pages), ...leb(pages)]])]
      : []),
    section(3, [[0], [1], [1], [2]]),
    ...(shared ? [] : [section(5, [[0, ...leb(pages)]])]),
    section(7, exported),
    section(10, [peak(fused), copy(), move(), read()].map(sized)),
  ];
  return new Uint8Array(module.flat());
}

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const number = (value: number): number[] => [0x41, ...leb(value, true)];
const simd = (op: number): number[] => [0xfd, ...leb(op)];
const load = (offset: number): number[] => [...simd(0), 0, ...leb(offset)];
const store = (offset: number): number[] => [...simd(11), 0, ...leb(offset)];
const splat = (value: number): number[] => [
  0x43,
  ...new Uint8Array(new Float32Array([value]).buffer),
  ...simd(0x13),
];
const [multiply, add, fusedMultiplyAdd] = [simd(0xe6), simd(0xe4), simd(0x105)];
/** The first lane's bits: a result that keeps the loop from being left out. */
const firstLane = [...simd(0x1b), 0];

/** Each chain is a = a x + y, which stays near 2. */
function peak(fused: boolean): number[] {
  const [x, y, first] = [1, 2, 3];
  const accumulators = Array.from({ length: chains }, (_, i) => first + i);
  const step = accumulators.flatMap((a) =>
    fused
      ? [...get(a), ...get(x), ...get(y), ...fusedMultiplyAdd, ...set(a)]
      : [...get(a), ...get(x), ...multiply, ...get(y), ...add, ...set(a)],
  );
  return [
    1,
    ...leb(2 + chains),
    0x7b,
    ...splat(0.5),
    ...set(x),
    ...splat(1),
    ...set(y),
    ...accumulators.flatMap((a) => [...splat(a), ...set(a)]),
    ...loop([...step, ...step, ...step, ...step], 0, 1),
    ...accumulators.flatMap((a, i) => (i === 0 ? get(a) : [...get(a), ...add])),
    ...firstLane,
    0x0b,
  ];
}

function copy(): number[] {
  const parts = [0, 16, 32, 48].flatMap((at) => [...get(0), ...get(1), ...load(at), ...store(at)]);
  return [0, ...loop([...parts, ...advance(0), ...advance(1)], 2, 64), 0x0b];
}

function move(): number[] {
  return [0, ...get(0), ...get(1), ...get(2), 0xfc, 10, 0, 0, 0x0b];
}

function read(): number[] {
  const sums = [2, 3, 4, 5];
  const parts = sums.flatMap((sum, i) => [...get(sum), ...get(0), ...load(16 * i), ...add, ...set(sum)]);
  const total = sums.flatMap((sum, i) => (i === 0 ? get(sum) : [...get(sum), ...add]));
  return [1, 4, 0x7b, ...loop([...parts, ...advance(0)], 1, 64), ...total, ...firstLane, 0x0b];
}

function advance(local: number): number[] {
  return [...get(local), ...number(64), 0x6a, ...set(local)];
}

/** Again while the counter, less a step each time, is not 0. */
function loop(body: readonly number[], counter: number, step: number): number[] {
  return [0x03, 0x40, ...body, ...get(counter), ...number(step), 0x6b, 0x22, counter, 0x0d, 0, 0x0b];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...leb(items.length), ...items.flat()])];
}

function sized(bytes: readonly number[]): number[] {
  return [...leb(bytes.length), ...bytes];
}

function text(name: string): number[] {
  return sized([...new TextEncoder().encode(name)]);
}

/** LEB128; signed numbers keep their sign in the last byte's second bit. */
function leb(value: number, signed = false): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > (signed ? 63 : 127)) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

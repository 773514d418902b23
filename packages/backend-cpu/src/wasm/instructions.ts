import { letters, valueTypes } from "./types.ts";

/**
 * Instructions without immediates, by their name in the WebAssembly specification: the first opcode, operand
 * types, result types, and names with consecutive opcodes. SIMD opcodes carry their prefix 0xfd in bits 16 and
 * up, saturating conversions 0xfc. Relaxed SIMD (0xfd0105 on) is valid only where the probe module validates.
 */
export const plainRows = [
  [0x45, "i", "i", ["i32.eqz"]],
  [
    0x46,
    "ii",
    "i",
    ["i32.eq", "i32.ne", "i32.lt_s", "i32.lt_u", "i32.gt_s", "i32.gt_u", "i32.le_s", "i32.le_u"],
  ],
  [0x4e, "ii", "i", ["i32.ge_s", "i32.ge_u"]],
  [0x50, "l", "i", ["i64.eqz"]],
  [0x5b, "ff", "i", ["f32.eq", "f32.ne", "f32.lt", "f32.gt", "f32.le", "f32.ge"]],
  [0x61, "dd", "i", ["f64.eq", "f64.ne", "f64.lt", "f64.gt", "f64.le", "f64.ge"]],
  [0x6a, "ii", "i", ["i32.add", "i32.sub", "i32.mul", "i32.div_s", "i32.div_u", "i32.rem_s", "i32.rem_u"]],
  [0x71, "ii", "i", ["i32.and", "i32.or", "i32.xor", "i32.shl", "i32.shr_s", "i32.shr_u"]],
  [0x7c, "ll", "l", ["i64.add", "i64.sub", "i64.mul"]],
  [0x83, "ll", "l", ["i64.and", "i64.or", "i64.xor", "i64.shl", "i64.shr_s", "i64.shr_u"]],
  [0x8b, "f", "f", ["f32.abs", "f32.neg", "f32.ceil", "f32.floor", "f32.trunc", "f32.nearest", "f32.sqrt"]],
  [0x92, "ff", "f", ["f32.add", "f32.sub", "f32.mul", "f32.div", "f32.min", "f32.max", "f32.copysign"]],
  [0x99, "d", "d", ["f64.abs", "f64.neg", "f64.ceil", "f64.floor", "f64.trunc", "f64.nearest", "f64.sqrt"]],
  [0xa0, "dd", "d", ["f64.add", "f64.sub", "f64.mul", "f64.div", "f64.min", "f64.max", "f64.copysign"]],
  [0xa7, "l", "i", ["i32.wrap_i64"]],
  [0xac, "i", "l", ["i64.extend_i32_s", "i64.extend_i32_u"]],
  [0xb2, "i", "f", ["f32.convert_i32_s", "f32.convert_i32_u"]],
  [0xb6, "d", "f", ["f32.demote_f64"]],
  [0xb7, "i", "d", ["f64.convert_i32_s", "f64.convert_i32_u"]],
  [0xb9, "l", "d", ["f64.convert_i64_s"]],
  [0xbb, "f", "d", ["f64.promote_f32"]],
  [0xbc, "f", "i", ["i32.reinterpret_f32"]],
  [0xbd, "d", "l", ["i64.reinterpret_f64"]],
  [0xbe, "i", "f", ["f32.reinterpret_i32"]],
  [0xbf, "l", "d", ["f64.reinterpret_i64"]],
  [0xfc0000, "f", "i", ["i32.trunc_sat_f32_s", "i32.trunc_sat_f32_u"]],
  [0xfc0002, "d", "i", ["i32.trunc_sat_f64_s", "i32.trunc_sat_f64_u"]],
  [0xfd0011, "i", "v", ["i32x4.splat"]],
  [0xfd0012, "l", "v", ["i64x2.splat"]],
  [0xfd0013, "f", "v", ["f32x4.splat"]],
  [0xfd0014, "d", "v", ["f64x2.splat"]],
  [
    0xfd0037,
    "vv",
    "v",
    [
      "i32x4.eq",
      "i32x4.ne",
      "i32x4.lt_s",
      "i32x4.lt_u",
      "i32x4.gt_s",
      "i32x4.gt_u",
      "i32x4.le_s",
      "i32x4.le_u",
    ],
  ],
  [0xfd003f, "vv", "v", ["i32x4.ge_s", "i32x4.ge_u"]],
  [0xfd0041, "vv", "v", ["f32x4.eq", "f32x4.ne", "f32x4.lt", "f32x4.gt", "f32x4.le", "f32x4.ge"]],
  [0xfd0047, "vv", "v", ["f64x2.eq", "f64x2.ne", "f64x2.lt", "f64x2.gt", "f64x2.le", "f64x2.ge"]],
  [0xfd00d6, "vv", "v", ["i64x2.eq"]],
  [0xfd004d, "v", "v", ["v128.not"]],
  [0xfd004e, "vv", "v", ["v128.and", "v128.andnot", "v128.or", "v128.xor"]],
  [0xfd0052, "vvv", "v", ["v128.bitselect"]],
  [0xfd0053, "v", "i", ["v128.any_true"]],
  [0xfd005e, "v", "v", ["f32x4.demote_f64x2_zero"]],
  [0xfd005f, "v", "v", ["f64x2.promote_low_f32x4"]],
  [0xfd0065, "vv", "v", ["i8x16.narrow_i16x8_s", "i8x16.narrow_i16x8_u"]],
  [0xfd0067, "v", "v", ["f32x4.ceil", "f32x4.floor", "f32x4.trunc", "f32x4.nearest"]],
  [0xfd0074, "v", "v", ["f64x2.ceil", "f64x2.floor"]],
  [0xfd007a, "v", "v", ["f64x2.trunc"]],
  [0xfd0094, "v", "v", ["f64x2.nearest"]],
  [0xfd0085, "vv", "v", ["i16x8.narrow_i32x4_s", "i16x8.narrow_i32x4_u"]],
  [0xfd0087, "v", "v", ["i16x8.extend_low_i8x16_s", "i16x8.extend_high_i8x16_s"]],
  [0xfd0089, "v", "v", ["i16x8.extend_low_i8x16_u", "i16x8.extend_high_i8x16_u"]],
  [0xfd00a0, "v", "v", ["i32x4.abs", "i32x4.neg"]],
  [0xfd00a7, "v", "v", ["i32x4.extend_low_i16x8_s", "i32x4.extend_high_i16x8_s"]],
  [0xfd00a9, "v", "v", ["i32x4.extend_low_i16x8_u", "i32x4.extend_high_i16x8_u"]],
  [0xfd00ab, "vi", "v", ["i32x4.shl", "i32x4.shr_s", "i32x4.shr_u"]],
  [0xfd00ae, "vv", "v", ["i32x4.add"]],
  [0xfd00b1, "vv", "v", ["i32x4.sub"]],
  [0xfd00b5, "vv", "v", ["i32x4.mul", "i32x4.min_s", "i32x4.min_u", "i32x4.max_s", "i32x4.max_u"]],
  [0xfd00c7, "v", "v", ["i64x2.extend_low_i32x4_s", "i64x2.extend_high_i32x4_s"]],
  [0xfd00c9, "v", "v", ["i64x2.extend_low_i32x4_u", "i64x2.extend_high_i32x4_u"]],
  [0xfd00cb, "vi", "v", ["i64x2.shl", "i64x2.shr_s", "i64x2.shr_u"]],
  [0xfd00ce, "vv", "v", ["i64x2.add"]],
  [0xfd00d1, "vv", "v", ["i64x2.sub"]],
  [0xfd00dc, "vv", "v", ["i64x2.extmul_low_i32x4_s", "i64x2.extmul_high_i32x4_s"]],
  [0xfd00de, "vv", "v", ["i64x2.extmul_low_i32x4_u", "i64x2.extmul_high_i32x4_u"]],
  [0xfd00e0, "v", "v", ["f32x4.abs", "f32x4.neg"]],
  [0xfd00e3, "v", "v", ["f32x4.sqrt"]],
  [
    0xfd00e4,
    "vv",
    "v",
    [
      "f32x4.add",
      "f32x4.sub",
      "f32x4.mul",
      "f32x4.div",
      "f32x4.min",
      "f32x4.max",
      "f32x4.pmin",
      "f32x4.pmax",
    ],
  ],
  [0xfd00ec, "v", "v", ["f64x2.abs", "f64x2.neg"]],
  [0xfd00ef, "v", "v", ["f64x2.sqrt"]],
  [
    0xfd00f0,
    "vv",
    "v",
    [
      "f64x2.add",
      "f64x2.sub",
      "f64x2.mul",
      "f64x2.div",
      "f64x2.min",
      "f64x2.max",
      "f64x2.pmin",
      "f64x2.pmax",
    ],
  ],
  [0xfd00f8, "v", "v", ["i32x4.trunc_sat_f32x4_s", "i32x4.trunc_sat_f32x4_u"]],
  [0xfd00fa, "v", "v", ["f32x4.convert_i32x4_s", "f32x4.convert_i32x4_u"]],
  [0xfd00fc, "v", "v", ["i32x4.trunc_sat_f64x2_s_zero", "i32x4.trunc_sat_f64x2_u_zero"]],
  [0xfd00fe, "v", "v", ["f64x2.convert_low_i32x4_s", "f64x2.convert_low_i32x4_u"]],
  [
    0xfd0105,
    "vvv",
    "v",
    ["f32x4.relaxed_madd", "f32x4.relaxed_nmadd", "f64x2.relaxed_madd", "f64x2.relaxed_nmadd"],
  ],
] as const;

/** Instructions with an alignment and an offset; the address is the first operand. */
export const memoryRows = [
  [0x28, "i", "i", ["i32.load"]],
  [0x29, "i", "l", ["i64.load"]],
  [0x2a, "i", "f", ["f32.load"]],
  [0x2b, "i", "d", ["f64.load"]],
  [0x2c, "i", "i", ["i32.load8_s"]],
  [0x2d, "i", "i", ["i32.load8_u"]],
  [0x2e, "i", "i", ["i32.load16_s"]],
  [0x2f, "i", "i", ["i32.load16_u"]],
  [0x36, "ii", "", ["i32.store"]],
  [0x37, "il", "", ["i64.store"]],
  [0x38, "if", "", ["f32.store"]],
  [0x39, "id", "", ["f64.store"]],
  [0x3a, "ii", "", ["i32.store8"]],
  [0x3b, "ii", "", ["i32.store16"]],
  [0xfd0000, "i", "v", ["v128.load"]],
  [0xfd0009, "i", "v", ["v128.load32_splat"]],
  [0xfd000a, "i", "v", ["v128.load64_splat"]],
  [0xfd000b, "iv", "", ["v128.store"]],
  [0xfd005c, "i", "v", ["v128.load32_zero"]],
  [0xfd005d, "i", "v", ["v128.load64_zero"]],
] as const;

/** Memory instructions that name a lane besides. */
export const memoryLaneRows = [
  [0xfd0056, "iv", "v", ["v128.load32_lane"]],
  [0xfd0057, "iv", "v", ["v128.load64_lane"]],
  [0xfd0058, "iv", "", ["v128.store8_lane"]],
  [0xfd0059, "iv", "", ["v128.store16_lane"]],
  [0xfd005a, "iv", "", ["v128.store32_lane"]],
  [0xfd005b, "iv", "", ["v128.store64_lane"]],
] as const;

/** Instructions whose immediate is a lane. */
export const laneRows = [
  [0xfd001b, "v", "i", ["i32x4.extract_lane"]],
  [0xfd001c, "vi", "v", ["i32x4.replace_lane"]],
  [0xfd001f, "v", "f", ["f32x4.extract_lane"]],
  [0xfd0020, "vf", "v", ["f32x4.replace_lane"]],
  [0xfd0021, "v", "d", ["f64x2.extract_lane"]],
  [0xfd0022, "vd", "v", ["f64x2.replace_lane"]],
] as const;

type Rows = readonly (readonly [number, string, string, readonly string[]])[];
export type PlainInstruction = (typeof plainRows)[number][3][number];
export type MemoryInstruction = (typeof memoryRows)[number][3][number];
export type MemoryLaneInstruction = (typeof memoryLaneRows)[number][3][number];
export type LaneInstruction = (typeof laneRows)[number][3][number];

/** An instruction as the assembler applies it. */
export interface Instruction {
  readonly name: string;
  /** The opcode, encoded. */
  readonly bytes: readonly number[];
  readonly operands: readonly number[];
  /** Type of the result, 0 for none: no instruction here has two. */
  readonly result: number;
}

function typeOfLetter(letter: string): number {
  return valueTypes[letters[letter]!];
}

function encode(opcode: number): readonly number[] {
  const low = opcode & 0xffff;
  return opcode > 0xff ? [opcode >> 16, ...(low > 127 ? [(low & 127) | 128, low >> 7] : [low])] : [opcode];
}

function tabulate(rows: Rows): Map<string, Instruction> {
  const table = new Map<string, Instruction>();
  for (const [first, operands, results, names] of rows)
    for (const [i, name] of names.entries())
      table.set(name, {
        name,
        bytes: encode(first + i),
        operands: Array.from(operands, typeOfLetter),
        result: results === "" ? 0 : typeOfLetter(results),
      });
  return table;
}

/** Every instruction by its name; names of the types above are always in it. */
export const instructions: ReadonlyMap<string, Instruction> = tabulate([
  ...plainRows,
  ...memoryRows,
  ...memoryLaneRows,
  ...laneRows,
]);

const { i32, v128 } = valueTypes;
/** Instructions with immediates of their own kind. */
export const shuffle: Instruction = {
  name: "i8x16.shuffle",
  bytes: [0xfd, 0x0d],
  operands: [v128, v128],
  result: v128,
};
export const memoryCopy: Instruction = {
  name: "memory.copy",
  bytes: [0xfc, 0x0a, 0, 0],
  operands: [i32, i32, i32],
  result: 0,
};
export const memoryFill: Instruction = {
  name: "memory.fill",
  bytes: [0xfc, 0x0b, 0],
  operands: [i32, i32, i32],
  result: 0,
};

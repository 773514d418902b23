import {
  type DType,
  type HostValue,
  type Shape,
  ShapeError,
  ValueError,
  formatShape,
  readValue,
} from "@polykeras/core";
import type { Loss } from "../losses/loss.ts";
import { type Column, column, position } from "./column.ts";
import type { Values } from "./data.ts";

/** An output of a model and the loss that scores it. */
export interface Scored {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly loss: Loss | null;
  /** The target must have the output's shape. */
  readonly exact: boolean;
}

/**
 * Targets in the output's dtype (int32 for class indices). Throws ShapeError for a shape that cannot belong to
 * the output, ValueError for NaN or for class indices out of range, each naming the position.
 */
export function readTarget(value: Values, output: Scored, where: string): Column {
  const host = readValue(value, where);
  const shape = host.shape.length === 1 && output.shape.length === 2 ? [...host.shape, 1] : host.shape;
  checkShape({ ...host, shape }, output, where);
  checkNaN(host, where);
  if (output.loss?.sparse) checkClasses(host, output, where);
  return column({ ...host, shape }, output.name, output.loss?.sparse ? "int32" : output.dtype, where);
}

function checkShape({ shape }: HostValue, output: Scored, where: string): void {
  const wanted = output.loss?.sparse ? [...output.shape.slice(0, -1), 1] : output.shape;
  const bare = output.loss?.sparse ? output.shape.slice(0, -1) : null;
  const matches = (of: Shape): boolean =>
    of.length === shape.length && of.every((dim, i) => i === 0 || dim === null || dim === shape[i]);
  if (!output.exact || matches(wanted) || (bare && matches(bare))) return;
  const hint = output.loss?.sparse
    ? "Sparse losses take class indices; for one-hot targets use categoricalCrossentropy."
    : output.shape.at(-1) !== 1 && shape.at(-1) === 1
      ? "For class indices use sparseCategoricalCrossentropy."
      : "Reshape the targets, or change the last layer.";
  throw new ShapeError(
    `${where} has shape ${formatShape(shape)}; output '${output.name}' of shape ${formatShape(output.shape)} with loss ` +
      `'${output.loss?.name ?? "none"}' takes ${formatShape(wanted)}. ${hint}`,
  );
}

function checkNaN(host: HostValue, where: string): void {
  const { data } = host;
  if (!data.includes(Number.NaN)) return;
  for (let i = 0; i < data.length; i++)
    if (Number.isNaN(data[i]))
      throw new ValueError(
        `${where} is NaN at ${position(i, host.shape)}: a loss would be NaN, and every weight after it. ` +
          `Remove or fill in these samples.`,
      );
}

function checkClasses(host: HostValue, output: Scored, where: string): void {
  const classes = output.shape.at(-1) ?? Infinity;
  const { data } = host;
  for (let i = 0; i < data.length; i++)
    if (!(data[i]! >= 0 && data[i]! < classes))
      throw new ValueError(
        `${where} is ${data[i]} at ${position(i, host.shape)}, which is outside the valid range [0, ${classes}) of ` +
          `class indices for output '${output.name}'.`,
      );
}

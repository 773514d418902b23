import type { JsonMember } from "./json.ts";

export type Floatx = "float16" | "float32" | "float64";
export type ImageDataFormat = "channels_last" | "channels_first";
/** What happens to ops that the engine cannot run: an error, or a host engine with a notice. */
export type FallbackPolicy = "error" | "host";

export const floatxValues: readonly Floatx[] = ["float16", "float32", "float64"];
export const imageDataFormatValues: readonly ImageDataFormat[] = ["channels_last", "channels_first"];
export const fallbackValues: readonly FallbackPolicy[] = ["error", "host"];

export function isFloatx(value: unknown): value is Floatx {
  return floatxValues.some((allowed) => allowed === value);
}

export function isImageDataFormat(value: unknown): value is ImageDataFormat {
  return imageDataFormatValues.some((allowed) => allowed === value);
}

export function isFallbackPolicy(value: unknown): value is FallbackPolicy {
  return fallbackValues.some((allowed) => allowed === value);
}

/** A JSON float: `1` is an int to Python and not one; NaN and the infinities are. */
export function isJsonFloat(member: JsonMember): boolean {
  return member.float;
}

/** What Keras uses where nothing says otherwise. */
export const defaults = {
  floatx: "float32",
  epsilon: 1e-7,
  backend: "tensorflow",
  imageDataFormat: "channels_last",
} as const;

import { PolykerasError } from "@polykeras/core";

/** What an engine of TensorFlow.js can do that its kernels do not tell. */
export interface Traits {
  /** Engine memory can be read without waiting, so kernels may be plain loops over it. */
  readonly synchronous: boolean;
  /** int32 is stored and computed as 32-bit integers by every kernel. */
  readonly integers: boolean;
  /** Kernels are JavaScript: int32 products lose their low bits in float64, and 1 to the power NaN is NaN. */
  readonly scripted: boolean;
  /** `Sin` and `Cos` are good to the last places near their zeros, and `Log1p` near 0. */
  readonly accurate: boolean;
}

/** An engine of TensorFlow.js: the package that registers it, and under which name. */
export interface Variant extends Traits {
  readonly package: string;
  readonly registered: string;
  load(): Promise<unknown>;
}

const nodePackage: string = "@tensorflow/tfjs-node";

export type VariantName = "wasm" | "cpu" | "webgl" | "webgpu" | "node";

/** Every engine that can be asked for, as `tfjs:<variant>`. */
export const variants: Readonly<Record<VariantName, Variant>> = {
  wasm: {
    package: "@tensorflow/tfjs-backend-wasm",
    registered: "wasm",
    load: () => import("@tensorflow/tfjs-backend-wasm"),
    synchronous: true,
    integers: true,
    scripted: false,
    accurate: false,
  },
  cpu: {
    package: "@tensorflow/tfjs-backend-cpu",
    registered: "cpu",
    load: () => import("@tensorflow/tfjs-backend-cpu"),
    synchronous: true,
    integers: true,
    scripted: true,
    accurate: true,
  },
  webgl: {
    package: "@tensorflow/tfjs-backend-webgl",
    registered: "webgl",
    load: () => import("@tensorflow/tfjs-backend-webgl"),
    synchronous: true,
    integers: false,
    scripted: false,
    accurate: false,
  },
  webgpu: {
    package: "@tensorflow/tfjs-backend-webgpu",
    registered: "webgpu",
    load: () => import("@tensorflow/tfjs-backend-webgpu"),
    synchronous: false,
    integers: false,
    scripted: false,
    accurate: false,
  },
  node: {
    package: nodePackage,
    registered: "tensorflow",
    // A native addon: never in a bundle, and its types are not there unless the user installed it.
    load: () => import(/* @vite-ignore */ nodePackage),
    synchronous: true,
    integers: true,
    scripted: false,
    accurate: true,
  },
};

export const defaultVariant: VariantName = "wasm";

/** The variant that `name` stands for. Throws TfjsError naming all of them. */
export function asVariant(name: string): VariantName {
  if (isVariant(name)) return name;
  throw new TfjsError(
    `Backend 'tfjs' has no variant '${name}'. Use one of ${Object.keys(variants).join(", ")}, as in 'tfjs:${defaultVariant}'.`,
  );
}

function isVariant(name: string): name is VariantName {
  return Object.hasOwn(variants, name);
}

/** An engine of TensorFlow.js that does not exist, is not installed, or does not start here. */
export class TfjsError extends PolykerasError {
  override readonly name = "TfjsError";
}

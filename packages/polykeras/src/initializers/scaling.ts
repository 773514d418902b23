import { checkNumber } from "../base/check.ts";
import { computeFans } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { type Seeded, randomNormal, randomUniform, truncatedNormal } from "./random.ts";

export interface ScalingOptions extends Seeded {
  readonly scale?: number;
  readonly mode?: "fanIn" | "fanOut" | "fanAvg";
  readonly distribution?: "truncatedNormal" | "untruncatedNormal" | "uniform";
}

/** The standard deviation of a standard normal distribution cut at two. */
const truncatedDeviation = 0.87962566103423978;

/**
 * Values whose variance is scale / n, n the fan of the mode. Source: Keras `initializers.VarianceScaling`.
 */
export function varianceScaling(options: ScalingOptions = {}): Initializer {
  const { mode = "fanIn", distribution = "truncatedNormal", seed } = options;
  const scale = checkNumber("initializers.varianceScaling: scale", options.scale ?? 1, Number.MIN_VALUE);
  return (shape, how) => {
    const { fanIn, fanOut } = computeFans(shape);
    const n = mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2;
    const variance = scale / Math.max(1, n);
    const seeded = seed === undefined ? {} : { seed };
    if (distribution === "uniform") {
      const limit = Math.sqrt(3 * variance);
      return randomUniform({ minval: -limit, maxval: limit, ...seeded })(shape, how);
    }
    const deviation = Math.sqrt(variance);
    return distribution === "truncatedNormal"
      ? truncatedNormal({ stddev: deviation / truncatedDeviation, ...seeded })(shape, how)
      : randomNormal({ stddev: deviation, ...seeded })(shape, how);
  };
}

type Preset = (options?: Seeded) => Initializer;
const preset =
  (fixed: ScalingOptions): Preset =>
  (options = {}) =>
    varianceScaling({ ...options, ...fixed });

/** Glorot and Bengio, 2010, uniform: Dense's default. Source: Keras `initializers.GlorotUniform`. */
export const glorotUniform: Preset = preset({ mode: "fanAvg", distribution: "uniform" });
/** Glorot and Bengio, 2010, truncated normal. Source: Keras `initializers.GlorotNormal`. */
export const glorotNormal: Preset = preset({ mode: "fanAvg" });
/** He et al., 2015, uniform. Source: Keras `initializers.HeUniform`. */
export const heUniform: Preset = preset({ scale: 2, distribution: "uniform" });
/** He et al., 2015, truncated normal. Source: Keras `initializers.HeNormal`. */
export const heNormal: Preset = preset({ scale: 2 });
/** LeCun et al., 1998, uniform. Source: Keras `initializers.LecunUniform`. */
export const lecunUniform: Preset = preset({ distribution: "uniform" });
/** LeCun et al., 1998, truncated normal. Source: Keras `initializers.LecunNormal`. */
export const lecunNormal: Preset = preset({});

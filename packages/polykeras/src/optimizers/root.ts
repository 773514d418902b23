import { Tensor } from "@polykeras/core";
import { build, sqrt } from "@polykeras/core/internal";

/** The square root, NaN of negative numbers, as Keras's optimizers take it: `K.sqrt` takes these for 0. */
export function root(x: Tensor): Tensor {
  return new Tensor(build(sqrt, [x.node], {}));
}

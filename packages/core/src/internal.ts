/**
 * What the front door builds on beside the public API: graph and runtime without the promises and checks of
 * `K.function`. No promise of stability: only packages of the same release may import it.
 */
export type { Backend, Buffer, MaybePromise } from "./backend/contract.ts";
export { isBranded, stamp } from "./brand.ts";
export { build } from "./graph/build.ts";
export { type Slices, slicesOf } from "./gradients/slices.ts";
export { Node, output, scalar } from "./graph/node.ts";
export type { Op } from "./graph/op.ts";
export { topological } from "./graph/walk.ts";
export { isPhase, phaseConstant, withinCall } from "./k/learning-phase.ts";
export { noteKerasTensor } from "./k/kinds.ts";
export { readUpdates } from "./k/update.ts";
export { adamStep, firstMoment, meanSquare, rmspropStep, secondMoment } from "./ops/moment.ts";
export { slice } from "./ops/movement.ts";
export { setPrinter } from "./ops/print.ts";
export { shapeOf, squeeze } from "./ops/shape.ts";
export { sqrt } from "./ops/unary.ts";
export { nextCount } from "./symbolic/names.ts";
export { Runner } from "./runtime/function.ts";
export { all, chain, isPromise, sequence } from "./runtime/maybe.ts";
export { activeBackend } from "./runtime/session.ts";
export { VariableState } from "./runtime/variable.ts";

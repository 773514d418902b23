/** Op test vectors and runner that show whether a polykeras backend computes what it should. */
export { runConformance, ConformanceRun, type ConformanceOptions } from "./run/run.ts";
export { type ExpectedFailure, ExpectedFailureError } from "./run/expected.ts";
export { type HostedOp, type Result, type Route, type Status, isFailure } from "./run/result.ts";
export { type Cell, type Counts, type Report } from "./report/report.ts";
export { formatReport } from "./report/text.ts";
export { loadVectors } from "./vectors/load.ts";
export { parseVectors } from "./vectors/parse.ts";
export { VectorError } from "./vectors/json.ts";
export type {
  Argument,
  Expected,
  Tolerance,
  VectorCase,
  VectorFile,
  VectorTensor,
} from "./vectors/format.ts";
export { compare, type Comparison, type Difference } from "./compare/compare.ts";

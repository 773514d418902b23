import { explain, openBackend } from "@polykeras/core";
import type { DigitsResult } from "./digits.ts";
import { loadDigits } from "./digits-file.ts";
import { digits } from "./digits.ts";
import { countHostSteps } from "./host-steps.ts";
import type { MlpResult } from "./mlp.ts";
import { mlp } from "./mlp.ts";

/** What a fresh process can be asked to run, by its first parameter. */
interface Programs {
  readonly mlp: MlpResult;
  readonly digits: DigitsResult;
}
export type ProgramName = keyof Programs;

const programs: { readonly [Name in ProgramName]: () => Promise<Programs[Name]> } = {
  mlp: () => mlp(),
  digits: async () => digits(await loadDigits()),
};

/** What the process sends back. */
export interface Report<Name extends ProgramName> {
  readonly result: Programs[Name];
  /** Steps that the engine left to another one in each run of its programs. */
  readonly hostSteps: number;
}

// As `import keras` does in Python, the engine is loaded before the program's clock starts.
const { engine, variant } = explain();
await openBackend(variant === null ? engine : `${engine}:${variant}`);

const [, , name] = process.argv;
if (name !== "mlp" && name !== "digits") throw new Error(`no program '${name}'; there are mlp and digits`);
const result = await programs[name]();
process.send?.({ result, hostSteps: countHostSteps() });

import { behaviourParts } from "./behaviour/index.ts";
import type { PropertyOptions } from "./property/property.ts";
import { vectorPart } from "./run/case.ts";
import type { Part } from "./run/part.ts";
import type { TrainingFile } from "./training/format.ts";
import { trainingParts } from "./training/index.ts";
import type { VectorFile } from "./vectors/format.ts";
import { loadTrainings, loadVectors } from "./vectors/load.ts";

export interface SuiteOptions {
  /** The vectors, where they are not the ones of this package or cannot be read (`parseFiles` in a browser). */
  readonly vectors?: readonly VectorFile[];
  /** The trainings, likewise. */
  readonly trainings?: readonly TrainingFile[];
  /** Random calls that are compared with the reference engine's. 25 per op from seed 1 by default. */
  readonly properties?: PropertyOptions;
}

/** Everything that can run on a backend, in order of levels. */
export async function loadSuite(options: SuiteOptions = {}): Promise<readonly Part[]> {
  const vectors = options.vectors ?? (await loadVectors());
  // Whoever brings vectors has no files to read trainings from either.
  const trainings = options.trainings ?? (options.vectors ? [] : await loadTrainings());
  const random = options.properties ?? { runs: 25, seed: 1 };
  // The generators load only where they are used.
  const properties = random.runs > 0 ? (await import("./property/index.ts")).propertyParts(random) : [];
  return [...vectors.map(vectorPart), ...properties, ...trainingParts(trainings), ...behaviourParts];
}

import { type Backend, ArgumentError, DisposedError, openBackend } from "@polykeras/core";
import { activeBackend } from "@polykeras/core/internal";
import type { Column } from "./column.ts";
import { type CompileOptions, type Compiled, readCompile } from "./compile.ts";
import { type Fed, assign, checkCounts, readColumns } from "./data.ts";
import { Programs } from "./programs.ts";
import { type Scored, readTarget } from "./targets.ts";
import type { Trainable } from "./trainable.ts";
import { type ClassWeight, readWeights } from "./weights.ts";

/** Samples with their targets and weights, ready for the programs of their shapes. */
export interface Prepared {
  readonly programs: Programs;
  /** In the order of the programs' placeholders. */
  readonly columns: readonly Column[];
  readonly count: number;
}

export interface Weights {
  readonly sampleWeight?: Fed | undefined;
  readonly classWeight?: ClassWeight | undefined;
}

/** A model's training state: what compile decided and the programs built so far. */
export class TrainingSession {
  readonly #model: Trainable;
  readonly #options: CompileOptions;
  readonly #compiled: Compiled;
  readonly #programs = new Map<string, Programs>();
  #disposed = false;

  constructor(model: Trainable, options: CompileOptions) {
    this.#model = model;
    this.#options = options;
    this.#compiled = readCompile(options, model.outputNames, `compile of model '${model.name}'`);
  }

  get compiled(): Compiled {
    return this.#compiled;
  }

  /** The engine that compile named, opened once; null for the one in force. */
  async backend(): Promise<Backend | null> {
    const compiled = this.#compiled;
    if (compiled.backend !== null) compiled.opened ??= await openBackend(compiled.backend);
    // Loaded now, so that its notice comes before the first line of progress.
    else await activeBackend();
    return compiled.opened;
  }

  /** Reads and checks the data of one call. Throws before anything runs. */
  async prepare(where: string, x: Fed, y: Fed, weights: Weights): Promise<Prepared> {
    const targets = this.#targets(where, y);
    const inputs = readColumns(x, inputSpecs(this.#model), `${where}: x`);
    const scored = targets.filter((of) => of !== null);
    const count = checkCounts(where, { x: inputs, y: scored });
    const sampleWeights = this.#weights(where, targets, weights);
    const columns = [...inputs, ...scored, ...sampleWeights.filter((of) => of !== null)];
    return { programs: await this.#for(targets, sampleWeights), columns, count };
  }

  #targets(where: string, y: Fed): (Column | null)[] {
    const { outputNames, outputs, name } = this.#model;
    const { losses, exact } = this.#compiled;
    if (losses.every((loss) => loss === null))
      throw new ArgumentError(
        `${where}: model '${name}' was compiled without a loss; give one: compile({ loss: 'mse' }).`,
      );
    const used = outputNames.filter((_, i) => losses[i]);
    if (y === undefined || y === null)
      throw new ArgumentError(
        `${where}: the targets y are missing. Pass them after x: model.${where}(x, y), one for ${used.join(", ")}.`,
      );
    const values = assign(y, outputNames, `${where}: y`);
    return outputs.map((output, i): Column | null => {
      const loss = losses[i] ?? null;
      if (!loss) return null;
      const scored: Scored = {
        name: outputNames[i]!,
        shape: output.shape,
        dtype: output.dtype,
        loss,
        exact: exact[i]!,
      };
      return readTarget(
        values[i]!,
        scored,
        outputs.length > 1 ? `${where}: y '${scored.name}'` : `${where}: y`,
      );
    });
  }

  #weights(where: string, targets: readonly (Column | null)[], weights: Weights): (Column | null)[] {
    const { sampleWeight, classWeight } = weights;
    if (classWeight !== undefined && targets.length > 1)
      throw new ArgumentError(`${where}: classWeight is only supported for models with one output.`);
    const given =
      sampleWeight === undefined
        ? null
        : assign(sampleWeight, this.#model.outputNames, `${where}: sampleWeight`);
    return targets.map((target, i) => target && readWeights(target, given?.[i], classWeight, where));
  }

  async #for(targets: readonly (Column | null)[], weights: readonly (Column | null)[]): Promise<Programs> {
    if (this.#disposed)
      throw new DisposedError(`Model '${this.#model.name}' was used after its dispose(). Build it again.`);
    const key = targets
      .map((of, i) => of && `${of.shape.slice(1).join()}:${of.dtype}:${weights[i] !== null}`)
      .join(";");
    let programs = this.#programs.get(key);
    if (!programs) {
      const isWeighted = weights.map((of) => of !== null);
      programs = new Programs(this.#model, this.#compiled, targets, isWeighted, await this.backend());
      this.#programs.set(key, programs);
    }
    return programs;
  }

  /** Lets go of the metrics' and the optimizer's memory on the engine. */
  dispose(): void {
    this.#disposed = true;
    for (const programs of this.#programs.values()) programs.dispose();
    // An instance may serve other models; one made from a name is ours alone.
    if (typeof this.#options.optimizer === "object") this.#compiled.optimizer.release(this.#model.weights);
    else this.#compiled.optimizer.dispose();
  }
}

/** What the inputs of a model take. */
export function inputSpecs(
  model: Trainable,
): { name: string; shape: Trainable["inputs"][0]["shape"]; dtype: Column["dtype"] }[] {
  return model.inputs.map(({ shape, dtype }, i) => ({ name: model.inputNames[i]!, shape, dtype }));
}

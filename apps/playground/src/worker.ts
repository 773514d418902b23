import { configure, openBackend, useBackend } from "@polykeras/core";
import type { DigitsResult } from "demo/digits";
import { digits } from "demo/digits";
import { readDigits } from "demo/digits-data";
import file from "demo/digits.csv.gz?url";
import { countHostSteps } from "demo/host-steps";
import type { MlpOptions, MlpResult } from "demo/mlp";
import { mlp } from "demo/mlp";
import { registerEngines } from "./engines.ts";
import type { ProgramName, TrainMessage, TrainRequest, Trained } from "./messages.ts";

// Trains one of the demo's models on one engine and reports. A worker takes one request and is then ended by the page.

registerEngines();
configure({ notice: false });

type Program = (options: MlpOptions) => Promise<MlpResult & Partial<Pick<DigitsResult, "samples">>>;

const programs: { readonly [Name in ProgramName]: Program } = {
  mlp,
  async digits(options) {
    const response = await fetch(new URL(file, location.href));
    if (!response.ok) throw new Error(`the digits did not load: ${response.status} ${response.statusText}`);
    return digits(await readDigits(new Uint8Array(await response.arrayBuffer())), options);
  },
};

addEventListener("message", ({ data }: MessageEvent<TrainRequest>) => {
  train(data).then(tell, (error: unknown) => tell({ kind: "failed", message: String(error) }));
});

async function train({ program, engine, epochs, seed }: TrainRequest): Promise<TrainMessage> {
  const backend = await openBackend(engine);
  await useBackend(backend, { name: engine });
  const onEpoch = (epoch: number, loss: number): void => tell({ kind: "epoch", epoch, loss });
  const { seconds, loss, accuracy, samples = [] } = await programs[program]({ epochs, seed, onEpoch });
  const hostSteps = countHostSteps();
  return { kind: "done", seconds, loss, accuracy, hostSteps, running: runningOf(backend), samples };
}

/** What an engine says of itself beyond the contract. */
function runningOf(backend: object): Trained["running"] {
  const running: unknown = Reflect.get(backend, "running");
  if (typeof running !== "object" || running === null) return null;
  return Object.fromEntries(Object.entries(running).map(([key, value]) => [key, String(value)]));
}

function tell(message: TrainMessage): void {
  postMessage(message);
}

import { configure, useBackend } from "@polykeras/core";
import { countHostSteps } from "demo/host-steps";
import { mlp } from "demo/mlp";
import { registerEngines } from "./engines.ts";
import type { TrainMessage, TrainRequest } from "./messages.ts";

// Trains the demo's model on one engine and reports. A worker takes one request and is then ended by the page.

registerEngines();
configure({ notice: false });

addEventListener("message", ({ data }: MessageEvent<TrainRequest>) => {
  train(data).then(tell, (error: unknown) => tell({ kind: "failed", message: String(error) }));
});

async function train({ engine, epochs, seed }: TrainRequest): Promise<TrainMessage> {
  await useBackend(engine);
  const onEpoch = (epoch: number, loss: number): void => tell({ kind: "epoch", epoch, loss });
  const { seconds, loss, accuracy } = await mlp({ epochs, seed, onEpoch });
  return { kind: "done", seconds, loss, accuracy, hostSteps: countHostSteps() };
}

function tell(message: TrainMessage): void {
  postMessage(message);
}

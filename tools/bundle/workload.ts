// Prints, as JSON, where the functions begin that first trainings on backend-cpu call, with the losses and optimizers
// that most models have. Runs on the bundled packages.
import { Session } from "node:inspector/promises";
import { useBackend } from "@polykeras/core";
import { heads, train } from "./trainings.ts";

await useBackend("cpu");
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: false });
const [binary, sparse, , mse] = heads;
await train({ hidden: 64, dropout: true, head: binary, optimizer: "rmsprop" });
await train({ hidden: 64, dropout: true, head: sparse, optimizer: "adam" });
await train({ hidden: 64, dropout: true, head: mse, optimizer: "sgd" });
const { result } = await session.post("Profiler.takePreciseCoverage");

const called = result.map(({ url, functions }): [string, number[]] => [
  url,
  functions.flatMap(({ ranges }) => (ranges[0] && ranges[0].count > 0 ? [ranges[0].startOffset] : [])),
]);
console.log(JSON.stringify(Object.fromEntries(called)));

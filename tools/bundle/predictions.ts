// Prints, as JSON, what small models predict after training on backend-cpu, from a seed.
import { setRandomSeed, useBackend } from "@polykeras/core";
import { heads, train } from "./trainings.ts";

await useBackend("cpu");
const predictions = [];
for (const hidden of [64, 50])
  for (const head of heads)
    for (const optimizer of ["adam", "rmsprop", "sgd"] as const) {
      setRandomSeed(1);
      predictions.push(await train({ hidden, dropout: true, head, optimizer }));
    }
console.log(JSON.stringify(predictions));

// Prints, as JSON, the code that backend-cpu emits for first trainings of small networks. Runs from the sources.
import { useBackend } from "@polykeras/core";
import { choicesOf, codeKey } from "../../packages/backend-cpu/src/choices.ts";
import { defaultTile } from "../../packages/backend-cpu/src/emit/tile.ts";
import { createForced } from "../../packages/backend-cpu/src/engine.ts";
import { BodyCache } from "../../packages/backend-cpu/src/wasm/module.ts";
import { type Prepared, preparedText } from "../../packages/backend-cpu/src/wasm/prepared.ts";
import { heads, train } from "./trainings.ts";

const cache = new BodyCache();
await useBackend(createForced({ threads: 1, tile: defaultTile(true) }, { cache }));
for (const hidden of [32, 64, 128])
  for (const dropout of [true, false])
    for (const head of heads)
      for (const optimizer of ["adam", "rmsprop", "sgd"] as const)
        await train({ hidden, dropout, head, optimizer });

// Tiles of larger products have the sizes of matrices in them: they fit few other models.
const kept = [...cache.emitted].filter(([key]) => !key.startsWith("tile:"));
const bodies = preparedText(new Map(kept));
const prepared: Prepared = { choices: codeKey(true, choicesOf(true)), bodies };
console.log(JSON.stringify(prepared));

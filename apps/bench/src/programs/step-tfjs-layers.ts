import { buildModel, data, start } from "./tfjs-layers.ts";

await start(process.argv[2] ?? "");
const { x, y } = data(128);
const model = buildModel();

async function steps(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await model.trainOnBatch(x, y);
}

await steps(200);
const begin = performance.now();
await steps(400);
process.send?.({ step: (performance.now() - begin) / 400 });

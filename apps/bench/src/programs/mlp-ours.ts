import { mlp } from "demo/mlp";
import { loadEngine } from "./engine.ts";

await loadEngine();
const first = await mlp();
const second = await mlp();
process.send?.({ first: first.seconds * 1000, second: second.seconds * 1000 });

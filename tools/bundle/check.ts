// node tools/bundle/check.ts: the bundles, with the code that they bring along, train as the sources do, to the last bit.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const file = join(import.meta.dirname, "predictions.ts");
const predictionsOf = (...flags: string[]): string =>
  execFileSync(process.execPath, [...flags, file], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });

const bundled = predictionsOf();
const wanted = predictionsOf("--conditions=@polykeras/source");
if (bundled !== wanted) throw new Error("The bundles train other weights than the sources do.");
const models: unknown = JSON.parse(bundled);
console.log(`${Array.isArray(models) ? models.length : 0} models predict the same from bundles and sources`);

import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** As JSON, the code that `kernels.ts` has backend-cpu emit. */
export function preparedCode(): string {
  const flags = ["--conditions=@polykeras/source", join(import.meta.dirname, "kernels.ts")];
  return execFileSync(process.execPath, flags, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

const none = /\{\s*choices: "",\s*bodies: ""\s*\}/g;

/** The bundle of backend-cpu with prepared code in the place of none. */
export function withPrepared(bundle: string, json: string): string {
  const places = bundle.match(none)?.length ?? 0;
  if (places !== 1)
    throw new Error(
      `The bundle has ${places} places for prepared code; wasm/prepared.ts should make it one.`,
    );
  return bundle.replace(none, () => json);
}

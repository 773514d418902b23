import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Where functions begin that a first training calls, by the file's URL. */
export type Profile = Readonly<Record<string, readonly number[]>>;

/** Runs the bundled packages in a new process, with V8 noting what is called: `workload.ts` says what is run. */
export function profile(): Profile {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, "workload.ts")], {
    env: { ...process.env, KERAS_BACKEND: "cpu" },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output);
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compare } from "./compare.ts";

/** How `npm start` ends under an environment. */
function start(environment: Readonly<Record<string, string>>): Promise<{ code: unknown; text: string }> {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  // Where CI is set, colours would be on although nobody looks.
  const env = { ...process.env, NO_COLOR: "1", ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@polykeras/source", main], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, text: stdout + stderr }),
    );
  });
}

test("an engine asked for by the environment is the only one, under the name that was asked for", async () => {
  const { code, text } = await start({ KERAS_BACKEND: "theano" });
  expect(text).toContain("Using Theano backend (engine: cpu).");
  expect(text).toMatch(/^ {2}theano +0\.\d{4} +0\.\d{4} +0\.\d{4} +0$/m);
  expect(text).not.toMatch(/^ {2}(?:cpu|tfjs|reference)/m);
  // One picture of each digit, of which some are hard.
  expect(text.match(/\d [✓✗]/g)).toHaveLength(10);
  expect(text.match(/\d ✓/g)!.length).toBeGreaterThanOrEqual(8);
  expect(code).toBe(0);
}, 60_000);

test("a backend that is not there ends the demo with the error of the configuration", async () => {
  const { code, text } = await start({ KERAS_BACKEND: "no-such-backend" });
  expect(text).toContain("BackendNotFoundError: Backend 'no-such-backend' is not available");
  expect(code).toBe(1);
}, 60_000);

test("an engine that fails keeps its row, with the reason, and stops no other", async () => {
  const lines: string[] = [];
  const attempts = await compare("mlp", ["tfjs:nonsense", "cpu"], (line) => lines.push(line));
  expect(attempts.map(({ report }) => report === null)).toEqual([true, false]);
  expect(lines.find((line) => line.includes("tfjs:nonsense"))).toMatch(
    /failed: BackendLoadError: .*TfjsError: .*nonsense/,
  );
}, 60_000);

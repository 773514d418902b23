import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);

test("the example of the README runs as it stands and learns", async () => {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const [, example = ""] = /```ts\n(import .*from "polykeras";\n[\s\S]*?)```/.exec(readme) ?? [];
  expect(example).toContain("model.fit");
  const flags = ["--conditions=@polykeras/source", "--input-type=module-typescript", "--eval", example];
  const options = { cwd: fileURLToPath(new URL("apps/demo", root)) };
  const { stdout } = await promisify(execFile)(process.execPath, flags, options);

  const [accuracy = Number.NaN, middle = Number.NaN, corner = Number.NaN] =
    stdout.match(/\d+\.\d+/g)?.map(Number) ?? [];
  expect(accuracy).toBeGreaterThan(0.9);
  expect(middle).toBeGreaterThan(0.5);
  expect(corner).toBeLessThan(0.5);
}, 60_000);

test("every file that the README links to is there", async () => {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) => target);
  expect(links.length).toBeGreaterThan(5);
  for (const target of links)
    await expect(readFile(new URL(target, root)).catch(({ code }) => code)).resolves.not.toBe("ENOENT");
});

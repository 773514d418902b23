import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const version = "1.30.0";

/**
 * The folder of `onnxruntime-node`, or null where it is not installed. Its 290 MB, for all platforms together, lie in
 * the user's cache and not among the workspace's dependencies: nobody has to load them who only tests or contributes.
 */
export async function onnxRuntime(install: boolean): Promise<string | null> {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "polykeras", `onnxruntime-node-${version}`);
  const installed = join(folder, "node_modules", "onnxruntime-node");
  if (!existsSync(installed) && install) {
    await mkdir(folder, { recursive: true });
    // The binary for CPUs is in the package; its script would only load more for GPUs.
    const parameters = ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", [...parameters, `onnxruntime-node@${version}`]);
  }
  return existsSync(installed) ? installed : null;
}

/** Which of the packages that can take part a Python has. Throws where it cannot be run. */
export async function pythonPackages(python: string): Promise<string[]> {
  const program =
    "import importlib.util, json; " +
    "print(json.dumps([n for n in ('tensorflow', 'torch', 'numpy') if importlib.util.find_spec(n)]))";
  const { stdout } = await promisify(execFile)(python, ["-c", program]);
  const packages: unknown = JSON.parse(stdout);
  return Array.isArray(packages) ? packages.map(String) : [];
}

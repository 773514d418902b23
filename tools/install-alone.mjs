// node tools/install-alone.mjs: installs each packed package alone, as a user would, and imports it there on the
// Node that runs this script. Finds a dependency that is used but not declared. Needs `npm run build` first.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, packAll } from "./pack.mjs";

const work = mkdtempSync(join(tmpdir(), "polykeras-alone-"));
try {
  const packed = packAll(join(work, "packed"));
  for (const [i, { name }] of packed.entries()) {
    const folder = join(work, String(i));
    mkdirSync(folder);
    install(folder, { [name]: "*" }, packed);
    const code = `const found = Object.keys(await import(${JSON.stringify(name)}));
      if (found.length === 0) throw new Error("no exports");
      console.log(${JSON.stringify(name)} + ": " + found.length + " exports");`;
    execFileSync(process.execPath, ["--input-type=module", "-e", code], {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

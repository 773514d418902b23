import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const conditions = ["@polykeras/source"];

/** Tests run from the packages' source, so nothing has to be built first. */
const project = (name: string, root: string, include: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root: join(import.meta.dirname, root),
    include: [include],
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.{browser,dawn}.test.ts"],
  },
});

const packages = readdirSync(join(import.meta.dirname, "packages")).filter((name) =>
  existsSync(join(import.meta.dirname, "packages", name, "package.json")),
);

export default defineConfig({
  test: {
    projects: [
      ...packages.map((name) => project(name, `packages/${name}`, "src/**/*.test.ts")),
      project("apps", "apps", "*/src/**/*.test.ts"),
      project("tools", "tools", "**/*.test.ts"),
    ],
    reporters: ["default", ["./tools/summary-reporter.ts", { name: "tests" }]],
  },
});

import { resolve } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { type TestProjectInlineConfiguration, defineConfig } from "vitest/config";
import { launchOptions } from "./tools/chromium.ts";

// With these the page is cross-origin isolated, so that SharedArrayBuffer and threads can be tested.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Conformance runs this part of the cases; with POLYKERAS_LONG all of them. Engines on devices are slow in software. */
const every = process.env["POLYKERAS_LONG"] ? 1 : 8;
/** Where random calls start. */
const seed = Number(process.env["POLYKERAS_SEED"] ?? 1);
/** The folder of the vectors: others than those that are checked in, held-out ones for example. */
const vectors = resolve(
  import.meta.dirname,
  process.env["POLYKERAS_VECTORS"] ?? "packages/backend-conformance/vectors",
);

/** Tests in pages of one kind; `inject("isolated")` tells a test which. */
const project = (name: string, isolated: boolean, include: string[]): TestProjectInlineConfiguration => ({
  resolve: { conditions: ["@polykeras/source"], alias: { "@vectors": vectors } },
  server: { fs: { allow: [import.meta.dirname, vectors] }, ...(isolated ? { headers } : {}) },
  test: {
    name,
    include,
    provide: { isolated, every, seed },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { ...launchOptions, args: [...launchOptions.args, "--enable-features=Vulkan"] },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});

export default defineConfig({
  test: {
    projects: [
      project("isolated", true, ["packages/*/src/**/*.browser.test.ts"]),
      // WebAssembly has threads in the one and not in the other, whose clock is coarse.
      project("plain", false, [
        "packages/backend-{cpu,tfjs}/src/conformance-wasm.browser.test.ts",
        "packages/backend-cpu/src/engine-tile.browser.test.ts",
      ]),
    ],
    reporters: ["default", ["./tools/summary-reporter.ts", { name: "browser" }]],
  },
});

declare module "vitest" {
  interface ProvidedContext {
    /** The page is cross-origin isolated. */
    readonly isolated: boolean;
    /** See `every` of the conformance suite. */
    readonly every: number;
    /** See `properties` of the conformance suite. */
    readonly seed: number;
  }
}

import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

const conditions = ["@polykeras/source"];

// Chromium brings a Vulkan in software, for machines without a GPU.
const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(software)) process.env["VK_ICD_FILENAMES"] ??= software;

/** Tests of WebGPU in Node, through Dawn. They fail where no adapter answers. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.dawn.test.ts"],
    provide: {
      every: process.env["POLYKERAS_LONG"] ? 1 : 8,
      seed: Number(process.env["POLYKERAS_SEED"] ?? 1),
    },
    reporters: ["default", ["./tools/summary-reporter.ts", { name: "dawn" }]],
  },
});

import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  base: "./",
  resolve: { conditions: ["@polykeras/source", ...defaultClientConditions] },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 2000 },
});

import { existsSync } from "node:fs";
import type { LaunchOptions } from "playwright";

/** The chromium that `CHROMIUM` names, or the system's; where there is neither, Playwright's own. */
function executable(): Pick<LaunchOptions, "executablePath"> {
  const path = [process.env["CHROMIUM"], "/usr/bin/chromium"].find(
    (name) => name !== undefined && existsSync(name),
  );
  return path === undefined ? {} : { executablePath: path };
}

/** How chromium starts here: in a container as well, and with WebGPU. */
export const launchOptions: LaunchOptions & { readonly args: string[] } = {
  ...executable(),
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-webgpu"],
};

/** The same with a software rasteriser for WebGL2 and WebGPU, whatever GPU the machine has. */
export const softwareGpu: LaunchOptions = {
  ...launchOptions,
  args: [
    ...launchOptions.args,
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--use-webgpu-adapter=swiftshader",
    "--ignore-gpu-blocklist",
  ],
};

import { type Backend, type Memory, ProgramError, signatureOf } from "@polykeras/core";
import { GpuBuffer } from "./buffers.ts";
import type { Device, Running } from "./device/device.ts";
import { GpuExecutable } from "./executable.ts";
import { openDevice } from "./load.ts";
import { type DeviceLoss, Session } from "./session.ts";
import { supportsOn } from "./supports.ts";
import { GpuError, type Mode, asMode, preferredModes } from "./variants.ts";

export interface GpuOptions {
  /** `webgpu`, `webgl2` or `webasm`. Without it the first of these that starts in a page, `webasm` elsewhere. */
  readonly variant?: string;
  /**
   * A GPU's device can be lost at any time. Every so many training steps the variables are copied to the host, so
   * that no more steps than these are lost with it; 100 by default, 0 for never.
   */
  readonly snapshotInterval?: number;
  /** Called when the device was lost, and with what it cost; a warning on the console by default. */
  readonly onDeviceLost?: (loss: DeviceLoss) => void;
}

/** An engine on a device. Beside the contract it says what runs, and what is allocated for it. */
export interface GpuBackend extends Backend {
  readonly name: `gpu:${Mode}`;
  /** Mode, executor and adapter, as found and not as asked for. */
  readonly running: Running;
  available(): true | string;
  memory(): Memory;
  /** All that is allocated on the device: tensors in use and those kept for the next ones. */
  allocated(): Memory & { readonly kernels: number };
  /** Waits for a snapshot of the variables that is under way. */
  settled(): Promise<void>;
  dispose(): Promise<void>;
}

/** A backend over gpu.js in one of its modes. Throws GpuError when the mode does not exist or does not start. */
export async function create(options: GpuOptions = {}): Promise<GpuBackend> {
  const { variant, snapshotInterval = 100, onDeviceLost = ({ message }) => console.warn(message) } = options;
  if (!Number.isInteger(snapshotInterval) || snapshotInterval < 0)
    throw new GpuError(`snapshotInterval is a number of steps, 0 or more, and not ${snapshotInterval}.`);
  const device = variant === undefined ? await openFirst() : await openDevice(asMode(variant));
  const { mode } = device.running;
  const name = `gpu:${mode}` as const;
  const session = new Session(name, device, () => openDevice(mode), { snapshotInterval, onDeviceLost });
  const supports = supportsOn(device.limits);
  return {
    contract: 1,
    name,
    supports,
    get running() {
      return session.device.running;
    },
    placeholder: (spec) => ({ spec, feed: (data) => new GpuBuffer(session, spec, { data: data.slice() }) }),
    variable: (spec, value) => new GpuBuffer(session, spec, { data: value.slice() }),
    function(program) {
      const gaps = program.steps.flatMap((step) => {
        const answer = supports(signatureOf(program, step));
        return answer === true ? [] : [`${step.op} (${answer})`];
      });
      if (gaps.length > 0)
        throw new ProgramError(`Backend '${name}' was given steps it does not support: ${gaps.join(", ")}.`);
      return new GpuExecutable(session, program).prepare();
    },
    available: () => session.device.available?.() ?? true,
    memory: () => ({ ...session.ledger }),
    allocated: () => ({ ...session.device.memory(), kernels: session.device.kernels }),
    settled: () => session.settled(),
    dispose: () => session.destroy(),
  };
}

/** The first mode that starts here; the last one's error says why none did. */
async function openFirst(): Promise<Device> {
  const isBrowser = typeof process === "undefined" || !process.versions?.node;
  const failures: string[] = [];
  for (const mode of preferredModes(isBrowser)) {
    try {
      return await openDevice(mode);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new GpuError(`Backend 'gpu' does not start in any mode:\n${failures.join("\n")}`);
}

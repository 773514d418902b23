import type { DeviceTensor } from "./device.ts";

/** A tensor that several results of a run may be; the last of its holders gives its memory back. */
export abstract class SharedTensor implements DeviceTensor {
  readonly length: number;
  readonly #giveBack: () => void;
  #holders = 1;

  constructor(length: number, giveBack: () => void) {
    this.length = length;
    this.#giveBack = giveBack;
  }

  abstract read(): Promise<Float32Array>;

  hold(): this {
    this.#holders++;
    return this;
  }

  free(): void {
    if (--this.#holders === 0) this.#giveBack();
  }
}

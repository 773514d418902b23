import { DeviceLostError } from "./device.ts";
import type { Texture } from "./webgl2-textures.ts";

/** For so long, in milliseconds, a fence is asked again at once; then by timers, for that keeps a core from the work. */
const patience = 2;

/** Reads textures without stopping the page: a fence says when the pixels are there. */
export class TextureReader {
  readonly #gl: WebGL2RenderingContext;
  readonly #framebuffer: WebGLFramebuffer;
  /** Formats that drivers read one float per texel in; RGBA is what the standard promises. */
  #single: boolean | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#framebuffer = gl.createFramebuffer();
  }

  /** The first `length` floats. Rejects with DeviceLostError. */
  async read({ texture, size, packed }: Texture, length: number): Promise<Float32Array> {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    if (!packed)
      this.#single ??=
        gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_FORMAT) === gl.RED &&
        gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_TYPE) === gl.FLOAT;
    const single = !packed && this.#single === true;
    const [width, height] = [size[0]!, size[1]!];
    const floats = new Float32Array(width * height * (single ? 1 : 4));
    const staging = gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, staging);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, floats.byteLength, gl.STREAM_READ);
    gl.readPixels(0, 0, width, height, single ? gl.RED : gl.RGBA, gl.FLOAT, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    await this.#finished();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, staging);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, floats);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.deleteBuffer(staging);
    // A lost context reads zeros.
    if (gl.isContextLost()) throw new DeviceLostError("the WebGL context was lost");
    if (single || packed) return floats.length === length ? floats : floats.slice(0, length);
    return Float32Array.from({ length }, (_, i) => floats[i * 4]!);
  }

  /** Resolves when the GPU has done what was asked of it so far, or has been lost. */
  #finished(): Promise<void> {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    // Messages come back at once, unlike timers, which a page may only set 4 ms ahead.
    const { port1, port2 } = new MessageChannel();
    const begun = performance.now();
    return new Promise((resolve) => {
      const poll = (): void => {
        const status = fence && !gl.isContextLost() ? gl.clientWaitSync(fence, 0, 0) : gl.WAIT_FAILED;
        if (status === gl.TIMEOUT_EXPIRED) {
          // The timers of a hidden page wait for a second.
          const isHidden = typeof document === "object" && document.hidden;
          if (isHidden || performance.now() - begun < patience) port2.postMessage(null);
          else setTimeout(poll, 1);
          return;
        }
        gl.deleteSync(fence);
        port1.close();
        resolve();
      };
      port1.addEventListener("message", poll);
      port1.start();
      poll();
    });
  }
}

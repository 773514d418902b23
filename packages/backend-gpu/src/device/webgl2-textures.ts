import { Pool, type Resource } from "./pool.ts";

/** A texture of floats: one in each texel, or four. */
export interface Texture extends Resource {
  readonly texture: WebGLTexture;
  readonly size: Int32Array;
  readonly packed: boolean;
}

/** Textures by size and format. */
export class TexturePool extends Pool<Texture> {
  readonly #gl: WebGL2RenderingContext;

  constructor(gl: WebGL2RenderingContext) {
    super(({ texture }) => gl.deleteTexture(texture));
    this.#gl = gl;
  }

  takeFor(size: Int32Array, packed: boolean): Texture {
    const key = `${size.join()}${packed ? "p" : ""}`;
    const bytes = size[0]! * size[1]! * (packed ? 16 : 4);
    return this.take(key, () => ({ texture: this.#make(size, packed), size, packed, key, bytes }));
  }

  #make(size: Int32Array, packed: boolean): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    select(gl, texture);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, packed ? gl.RGBA32F : gl.R32F, size[0]!, size[1]!);
    return texture;
  }
}

/** Binds a texture to a unit that no kernel's argument has. */
export function select(gl: WebGL2RenderingContext, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE15);
  gl.bindTexture(gl.TEXTURE_2D, texture);
}

/** The size of a texture of so many texels, as square as it may be with a width that is a power of two. */
export function squareSize(texels: number): Int32Array {
  const width = 2 ** Math.ceil(Math.log2(texels) / 2);
  return Int32Array.of(width, Math.ceil(texels / width));
}

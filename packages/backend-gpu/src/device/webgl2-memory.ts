import { wide } from "../plan/target.ts";
import { SharedTensor } from "./shared-tensor.ts";
import { Argument } from "./webgl2-argument.ts";
import { TextureReader } from "./webgl2-read.ts";
import { type Texture, TexturePool, select, squareSize } from "./webgl2-textures.ts";

/** Floats in a texture of the pool. */
export class WebGl2Tensor extends SharedTensor {
  readonly memory: WebGl2Memory;
  readonly texture: Texture;
  readonly argument: Argument;

  constructor(memory: WebGl2Memory, texture: Texture, length: number) {
    super(length, () => memory.pool.give(texture));
    this.memory = memory;
    this.texture = texture;
    this.argument = new Argument(memory.gl, texture, length);
  }

  read(): Promise<Float32Array> {
    return this.memory.reader.read(this.texture, this.length);
  }
}

/** The tensors of one WebGL2 context: textures in it, and the way to and from them. */
export class WebGl2Memory {
  readonly gl: WebGL2RenderingContext;
  readonly pool: TexturePool;
  readonly reader: TextureReader;

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    this.pool = new TexturePool(gl);
    this.reader = new TextureReader(gl);
  }

  upload(data: Float32Array): WebGl2Tensor {
    const { gl } = this;
    const packed = data.length >= wide && data.length % 4 === 0;
    const [perTexel, format] = packed ? ([4, gl.RGBA] as const) : ([1, gl.RED] as const);
    const texture = this.pool.takeFor(squareSize(data.length / perTexel), packed);
    const [width, height] = [texture.size[0]!, texture.size[1]!];
    let floats = data;
    if (data.length !== width * height * perTexel) {
      floats = new Float32Array(width * height * perTexel);
      floats.set(data);
    }
    select(gl, texture.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, format, gl.FLOAT, floats);
    return new WebGl2Tensor(this, texture, data.length);
  }
}

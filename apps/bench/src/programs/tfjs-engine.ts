import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** Starts an engine of TensorFlow.js. */
export async function start(engine: string): Promise<void> {
  if (!(await tf.setBackend(engine))) throw new Error(`TensorFlow.js has no engine '${engine}' here`);
  await tf.ready();
}

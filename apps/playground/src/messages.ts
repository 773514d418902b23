import type { DigitsResult } from "demo/digits";

/** What can be trained, by its name in the form. */
export type ProgramName = "mlp" | "digits";

/** What the page asks a worker to do. */
export interface TrainRequest {
  readonly program: ProgramName;
  /** As `useBackend` takes it. */
  readonly engine: string;
  readonly epochs: number;
  readonly seed: number;
}

/** How a training went. */
export interface Trained {
  readonly kind: "done";
  readonly seconds: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly hostSteps: number;
  /** What the engine says it ran on, such as its adapter; null for one that says nothing. */
  readonly running: Readonly<Record<string, string>> | null;
  /** Pictures of the test data with predictions, where the program has pictures. */
  readonly samples: DigitsResult["samples"];
}

/** What a worker tells the page: any number of epochs, then one ending. */
export type TrainMessage =
  | { readonly kind: "epoch"; readonly epoch: number; readonly loss: number }
  | Trained
  | { readonly kind: "failed"; readonly message: string };

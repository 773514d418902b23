/** What the page asks a worker to do. */
export interface TrainRequest {
  /** As `useBackend` takes it. */
  readonly engine: string;
  readonly epochs: number;
  readonly seed: number;
}

/** What a worker tells the page: any number of epochs, then one ending. */
export type TrainMessage =
  | { readonly kind: "epoch"; readonly epoch: number; readonly loss: number }
  | {
      readonly kind: "done";
      readonly seconds: number;
      readonly loss: number;
      readonly accuracy: number;
      readonly hostSteps: number;
    }
  | { readonly kind: "failed"; readonly message: string };

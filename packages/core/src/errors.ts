/**
 * Every error that polykeras throws on purpose. `name` is stable, so that callers can branch on it across
 * copies of the package; the message says what happened, what was expected and what to do.
 */
export class PolykerasError extends Error {
  override readonly name: string = "PolykerasError";
}

/** Shapes that do not fit an operation. The message names the operation and every shape. */
export class ShapeError extends PolykerasError {
  override readonly name = "ShapeError";
}

/** A dtype that an operation does not take, or two tensors whose dtypes differ. */
export class DTypeError extends PolykerasError {
  override readonly name = "DTypeError";
}

/** An argument outside of what a function accepts. */
export class ArgumentError extends PolykerasError {
  override readonly name = "ArgumentError";
}

/** Data that cannot become a tensor: ragged arrays, a wrong length, an unknown kind of value. */
export class ValueError extends PolykerasError {
  override readonly name = "ValueError";
}

/** A placeholder that the call did not feed, or a feed that does not fit its placeholder. */
export class FeedError extends PolykerasError {
  override readonly name = "FeedError";
}

/** A tensor, variable or buffer used after its `dispose()`. */
export class DisposedError extends PolykerasError {
  override readonly name = "DisposedError";
}

/** A gradient that does not exist, or an operation that defines none. */
export class GradientError extends PolykerasError {
  override readonly name = "GradientError";
}

/** A program that breaks the rules of the contract: a bug in core or in a hand-made program. */
export class ProgramError extends PolykerasError {
  override readonly name = "ProgramError";
}

/** Operations that the backend cannot run and that have no decomposition; all of them at once. */
export class UnsupportedOpsError extends PolykerasError {
  override readonly name = "UnsupportedOpsError";
  readonly backend: string;
  /** Operation name to the reason the backend gave. */
  readonly missing: ReadonlyMap<string, string>;
  constructor(backend: string, missing: ReadonlyMap<string, string>, remedy: string) {
    const names = [...missing.keys()].join(", ");
    const reasons = [...missing].map(([op, why]) => `  ${op}: ${why}`).join("\n");
    super(
      `Backend '${backend}' cannot run ${missing.size} op${missing.size === 1 ? "" : "s"}, and they have no decomposition: ` +
        `${names}\n${reasons}\n${remedy}`,
    );
    this.backend = backend;
    this.missing = missing;
  }
}

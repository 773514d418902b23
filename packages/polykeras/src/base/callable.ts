/** A class that is also called without `new`, as in Python: `Dense(64)`. Subclasses extend it as usual. */
export type Factory<C extends new (...parameters: never[]) => object> = C &
  ((...parameters: ConstructorParameters<C>) => InstanceType<C>);

/** The class, callable with and without `new`. */
export function withoutNew<C extends new (...parameters: never[]) => object>(type: C): Factory<C> {
  const made: C = new Proxy(type, {
    apply: (target, _self, parameters: unknown[]): object => Reflect.construct(target, parameters),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the trap adds the call signature
  return made as Factory<C>;
}

/**
 * The root of objects that are called: constructing one gives a function that carries the class's methods and
 * fields, and calls `invoke`.
 */
export abstract class Callable {
  constructor() {
    const self: object = (...parameters: unknown[]): unknown => {
      const invoke: unknown = Reflect.get(self, "invoke");
      return typeof invoke === "function" ? Reflect.apply(invoke, self, parameters) : undefined;
    };
    // oxlint-disable-next-line no-constructor-return -- fields of subclasses belong on the function
    return Object.setPrototypeOf(self, new.target.prototype);
  }

  /** What a call does. */
  protected abstract invoke(...parameters: never[]): unknown;
}

import { ArgumentError } from "@polykeras/core";
import { type NameOf, lookUp } from "../base/names.ts";
import { constant, identity, ones, zeros } from "./constants.ts";
import type { Initializer } from "./initializer.ts";
import { orthogonal } from "./orthogonal.ts";
import { randomNormal, randomUniform, truncatedNormal } from "./random.ts";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
} from "./scaling.ts";

export { constant, identity, ones, zeros } from "./constants.ts";
export type { Initializer } from "./initializer.ts";
export { orthogonal } from "./orthogonal.ts";
export { randomNormal, randomUniform, truncatedNormal } from "./random.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
} from "./scaling.ts";

type Key =
  | "zeros"
  | "ones"
  | "constant"
  | "identity"
  | "randomUniform"
  | "randomNormal"
  | "truncatedNormal"
  | "varianceScaling"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunUniform"
  | "lecunNormal"
  | "orthogonal";
const table: Readonly<Record<Key, () => Initializer>> = {
  zeros,
  ones,
  constant,
  identity,
  randomUniform,
  randomNormal,
  truncatedNormal,
  varianceScaling,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  orthogonal,
};

export type InitializerName = NameOf<Key>;

/** The initializer of a name, or the function itself. Source: Keras `initializers.get`. */
export function get(of: InitializerName | Initializer): Initializer {
  if (typeof of === "function") return of;
  if (typeof of === "string") return lookUp<() => Initializer>("initializer", table, of)();
  throw new ArgumentError(
    `An initializer is a name, such as 'glorotUniform', or a function; got ${String(of)}.`,
  );
}

import { ArgumentError } from "@polykeras/core";
import type { Tile } from "../emit/tile.ts";
import { environment } from "../threads/host.ts";

/** How the tile of products is chosen: "auto", "measure", or as it is given. */
export type TileSetting = "auto" | "measure" | Tile;

const variable = "POLYKERAS_TILE";
const most: Tile = { rows: 8, vectors: 4 };
const allowed = `"auto", "measure", or up to ${most.rows} rows and ${most.vectors} vectors`;

/** The option, else POLYKERAS_TILE, else "auto". Throws ArgumentError for anything else. */
export function tileSetting(option?: TileSetting): TileSetting {
  if (option !== undefined) return check(option, "tile", option);
  // An empty variable counts as not set, as everywhere.
  const value = environment(variable) || "auto";
  return check(parse(value), variable, value);
}

/** `6x2`: rows and vectors. */
function parse(value: string): TileSetting | null {
  if (value === "auto" || value === "measure") return value;
  const match = /^(\d+)x(\d+)$/.exec(value);
  if (!match) return null;
  return { rows: Number(match[1]), vectors: Number(match[2]) };
}

function check(wanted: TileSetting | null, source: string, given: string | Tile): TileSetting {
  if (wanted === "auto" || wanted === "measure") return wanted;
  if (typeof wanted === "object" && wanted !== null) {
    const { rows, vectors } = wanted;
    const isAllowed = (value: number, limit: number): boolean =>
      Number.isInteger(value) && value >= 1 && value <= limit;
    if (isAllowed(rows, most.rows) && isAllowed(vectors, most.vectors)) return { rows, vectors };
  }
  const shown = typeof given === "string" ? given : JSON.stringify(given);
  const example = source === variable ? "6x2" : "{ rows: 6, vectors: 2 }";
  throw new ArgumentError(`backend-cpu: ${source} is ${shown}; use ${allowed}, such as ${example}.`);
}

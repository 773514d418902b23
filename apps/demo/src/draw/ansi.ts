/** How a character of the terminal looks. Colours are CSS colours; null is the terminal's own. */
interface Style {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly foreground: string | null;
  readonly background: string | null;
}

export interface Cell extends Style {
  readonly character: string;
}

const plain: Style = { bold: false, dim: false, foreground: null, background: null };

const palette: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#3fb950",
  33: "#d29922",
  34: "#58a6ff",
  35: "#bc8cff",
  36: "#39c5cf",
};

const escape = new RegExp(`${String.fromCodePoint(27)}\\[([\\d;]*)m`, "y");

/** The characters of a line with the look that its escape sequences (ECMA-48 SGR) give them. */
export function parseAnsi(line: string): Cell[] {
  const cells: Cell[] = [];
  let style = plain;
  let at = 0;
  while (at < line.length) {
    escape.lastIndex = at;
    const found = escape.exec(line);
    if (found === null) {
      const character = String.fromCodePoint(line.codePointAt(at) ?? 32);
      cells.push({ ...style, character });
      at += character.length;
    } else {
      style = restyle(style, (found[1] ?? "").split(";").map(Number));
      at = escape.lastIndex;
    }
  }
  return cells;
}

function restyle(style: Style, codes: readonly number[]): Style {
  let next = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 0) next = plain;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 39) next = { ...next, foreground: null };
    else if (code === 49) next = { ...next, background: null };
    else if (code === 38 || code === 48) {
      const colour = indexed(codes[i + 2] ?? 0);
      next = code === 38 ? { ...next, foreground: colour } : { ...next, background: colour };
      i += 2;
    } else if (code in palette) next = { ...next, foreground: palette[code] ?? null };
  }
  return next;
}

/** A grey of the 256-colour palette: 232 to 255 are 8, 18, ... 238. */
function indexed(index: number): string {
  const level = 8 + 10 * (Math.min(255, Math.max(232, index)) - 232);
  return `rgb(${level} ${level} ${level})`;
}

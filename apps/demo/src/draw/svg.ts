import type { Cell } from "./ansi.ts";
import { parseAnsi } from "./ansi.ts";

const width = 8.4;
const height = 18;
const margin = 14;
const text = "#e6edf3";

/** The arms of box-drawing characters: left, right, up, down; arrowheads end an arm. */
const boxes: Readonly<Record<string, string>> = {
  "│": "ud",
  "┃": "ud",
  "┏": "rd",
  "┓": "ld",
  "┗": "ru",
  "┛": "lu",
  "└": "ru",
  "┤": "lud",
  "┬": "lrd",
};
const straight = "─━";
const heavy = "━┃┏┓┗┛";

/** The lines of a terminal, colours included, as a picture. Lines and blocks are drawn, so that no font breaks them. */
export function toSvg(lines: readonly string[]): string {
  const rows = lines.map(parseAnsi);
  while (rows.length > 0 && rows.at(-1)?.length === 0) rows.pop();
  const columns = Math.max(...rows.map((row) => row.length)) + 2;
  const size = { width: columns * width + 2 * margin, height: (rows.length + 1) * height + 2 * margin };
  const body = rows.flatMap((row, index) => drawRow(row, margin + index * height));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(size.width)} ${round(size.height)}" width="${round(size.width)}" font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', Consolas, monospace" font-size="14">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
${body.join("\n")}
</svg>
`;
}

function drawRow(row: readonly Cell[], y: number): string[] {
  const parts: string[] = [];
  for (const [column, cell] of row.entries()) {
    const x = margin + column * width;
    if (cell.character === "▀") parts.push(block(cell, x, y));
    else if (straight.includes(cell.character)) {
      if (!isSame(cell, row[column - 1])) parts.push(line(cell, x, y, runLength(row, column)));
    } else if (cell.character in boxes) parts.push(box(cell, x, y));
  }
  return [...parts, ...words(row, y)];
}

/** How many cells from `start` on are the same. */
function runLength(row: readonly Cell[], start: number): number {
  const end = row.findIndex((cell, index) => index > start && !isSame(cell, row[start]));
  return (end < 0 ? row.length : end) - start;
}

function isSame(cell: Cell, other: Cell | undefined): boolean {
  return other !== undefined && cell.character === other.character && sameLook(cell, other);
}

/** A horizontal line in one piece: pieces of a faint one would show where they meet. */
function line(cell: Cell, x: number, y: number, cells: number): string {
  const stroke = heavy.includes(cell.character) ? 2 : 1;
  return `<path d="M${round(x)} ${round(y + height / 2)}H${round(x + cells * width)}" stroke-width="${stroke}" ${look(cell, "stroke")}/>`;
}

function block({ foreground, background }: Cell, x: number, y: number): string {
  // A little overlap hides the seams between neighbours.
  const half = (top: number, fill: string | null): string =>
    `<rect x="${round(x)}" y="${round(top)}" width="${width + 0.3}" height="${height / 2 + 0.3}" fill="${fill ?? text}"/>`;
  return half(y, foreground) + half(y + height / 2, background);
}

function box(cell: Cell, x: number, y: number): string {
  const [centreX, centreY] = [x + width / 2, y + height / 2];
  const ends: Readonly<Record<string, string>> = {
    l: `H${round(x)}`,
    r: `H${round(x + width)}`,
    u: `V${round(y)}`,
    d: `V${round(y + height)}`,
  };
  const arms = (boxes[cell.character] ?? "").split("");
  const path = arms.map((arm) => `M${round(centreX)} ${round(centreY)}${ends[arm] ?? ""}`).join("");
  const stroke = heavy.includes(cell.character) ? 2 : 1;
  return `<path d="${path}" stroke-linecap="square" stroke-width="${stroke}" ${look(cell, "stroke")}/>`;
}

/** Stretches of text of one look; `textLength` keeps the columns, whatever the font. */
function words(row: readonly Cell[], y: number): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < row.length) {
    const first = row[start];
    if (first === undefined || !isText(first)) {
      start += 1;
      continue;
    }
    let end = start;
    while (end < row.length && continues(row, end, first)) end += 1;
    const content = row
      .slice(start, end)
      .map(({ character }) => character)
      .join("");
    const length = round((end - start) * width);
    const weight = first.bold ? ` font-weight="bold"` : "";
    parts.push(
      `<text x="${round(margin + start * width)}" y="${round(y + height * 0.72)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${weight} ${look(first, "fill")}>${escapeXml(content)}</text>`,
    );
    start = end;
  }
  return parts;
}

function isText({ character }: Cell): boolean {
  return character !== " " && character !== "▀" && !straight.includes(character) && !(character in boxes);
}

/** A single blank between words belongs to the stretch. */
function continues(row: readonly Cell[], index: number, first: Cell): boolean {
  const cell = row[index];
  if (cell === undefined) return false;
  if (cell.character === " ") {
    const next = row[index + 1];
    return next !== undefined && isText(next) && sameLook(next, first);
  }
  return isText(cell) && sameLook(cell, first);
}

function sameLook(a: Cell, b: Cell): boolean {
  return a.bold === b.bold && a.dim === b.dim && a.foreground === b.foreground;
}

function look({ foreground, dim }: Cell, property: "fill" | "stroke"): string {
  return `${property}="${foreground ?? text}"${dim ? ` opacity="0.6"` : ""}`;
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

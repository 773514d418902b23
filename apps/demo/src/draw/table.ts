import { stripVTControlCharacters } from "node:util";
import { colors } from "./colors.ts";

export interface Column {
  readonly title: string;
  readonly width: number;
  /** Numbers stand right, names left. */
  readonly align: "left" | "right";
}

/** The heading and the rule below it. */
export function tableHead(columns: readonly Column[]): string {
  const titles = columns.map(({ title, width, align }) => pad(title, width, align)).join("  ");
  const rule = columns.map(({ width }) => "─".repeat(width)).join("──");
  return `${colors.dim(titles)}\n${colors.dim(rule)}`;
}

/** One row; cells may hold colours. A cell that is wider than its column moves the ones after it. */
export function tableRow(columns: readonly Column[], cells: readonly string[]): string {
  return columns
    .map(({ width, align }, index) => pad(cells[index] ?? "", width, align))
    .join("  ")
    .trimEnd();
}

/** `text` filled up with blanks to `width` visible characters. */
export function pad(text: string, width: number, align: "left" | "right" | "centre"): string {
  const missing = Math.max(0, width - stripVTControlCharacters(text).length);
  const left = align === "left" ? 0 : align === "right" ? missing : Math.floor(missing / 2);
  return " ".repeat(left) + text + " ".repeat(missing - left);
}

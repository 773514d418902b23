import picocolors from "picocolors";

const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = process.env;

/** Colours go to a terminal, unless NO_COLOR is set; FORCE_COLOR sends them anywhere. */
export const colorful: boolean =
  forced !== undefined && forced !== ""
    ? forced !== "0"
    : process.stdout.isTTY && (refused ?? "") === "" && terminal !== "dumb";

/** Picocolors under this rule: by its own it also colours what is no terminal, under CI and on Windows. */
export const colors: ReturnType<typeof picocolors.createColors> = picocolors.createColors(colorful);

import type { Logs } from "./programs.ts";

/** Where lines go: the terminal, or console.log where there is no standard output. */
interface Output {
  /** True for a terminal, where a line can be overwritten. */
  readonly dynamic: boolean;
  write(text: string): void;
}

interface Stdout {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

function isStdout(value: unknown): value is Stdout {
  return typeof value === "object" && value !== null && "write" in value && typeof value.write === "function";
}

/** The host's standard output, found when it is needed: pages and workers have none. */
export function standardOutput(): Output {
  const process: unknown = Reflect.get(globalThis, "process");
  const stdout: unknown =
    typeof process === "object" && process !== null ? Reflect.get(process, "stdout") : null;
  if (isStdout(stdout)) return { dynamic: stdout.isTTY === true, write: (text) => void stdout.write(text) };
  return { dynamic: false, write: (text) => console.log(text.replace(/\n$/, "")) };
}

/** 4 decimals, or 4 in exponent form up to 1e-3: no value reads 0.0000. */
export function formatValue(value: number): string {
  if (Math.abs(value) > 1e-3 || Number.isNaN(value)) return Number.isNaN(value) ? "nan" : value.toFixed(4);
  return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}

function formatTime(seconds: number, unit: string): string {
  if (seconds >= 1 || seconds === 0) return ` ${seconds.toFixed(0)}s/${unit}`;
  if (seconds >= 1e-3) return ` ${(seconds * 1e3).toFixed(0)}ms/${unit}`;
  return ` ${(seconds * 1e6).toFixed(0)}us/${unit}`;
}

function formatEta(seconds: number): string {
  const pad = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  if (seconds > 3600)
    return `${Math.floor(seconds / 3600)}:${pad((seconds % 3600) / 60)}:${pad(seconds % 60)}`;
  if (seconds > 60) return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
  return `${Math.floor(seconds)}s`;
}

const width = 30;
const interval = 50;

/** Keras 2.15's progress bar, one per epoch. Source: Keras `utils.Progbar`. */
export class ProgressBar {
  readonly #target: number;
  readonly #verbose: 1 | 2;
  readonly #output: Output;
  readonly #start = performance.now();
  #afterFirst: number | null = null;
  #shown = 0;
  #lastDrawn = -Infinity;

  /** Without a terminal verbose 1 prints a line per epoch too. */
  constructor(target: number, verbose: 1 | 2, output: Output = standardOutput()) {
    this.#target = target;
    this.#verbose = output.dynamic ? verbose : 2;
    this.#output = output;
  }

  /** True if a call of `update` would draw: only then its logs are worth a download. */
  due(step: number): boolean {
    const now = performance.now();
    if (step === 1) this.#afterFirst ??= now;
    return this.#verbose === 1 && now - this.#lastDrawn >= interval;
  }

  /** After a step in the middle of the epoch. */
  update(step: number, logs: Logs): void {
    const now = performance.now();
    this.#lastDrawn = now;
    const eta = formatEta(this.#perStep(step, now) * (this.#target - step));
    this.#draw(step, ` - ETA: ${eta}${values(logs)}`);
  }

  /** After the last step, validation included. */
  finish(logs: Logs): void {
    const now = performance.now();
    const elapsed = (now - this.#start) / 1000;
    const step = this.#perStep(this.#target, now);
    const info = ` - ${elapsed.toFixed(0)}s`;
    if (this.#verbose === 1) {
      this.#draw(this.#target, `${info}${formatTime(step, "step")}${values(logs)}`);
      this.#output.write("\n");
    } else
      this.#output.write(
        `${this.#target}/${this.#target}${info}${values(logs)} -${formatTime(elapsed, "epoch")} -${formatTime(elapsed / this.#target, "step")}\n`,
      );
  }

  /** Seconds per step, without the first, in which programs are compiled. */
  #perStep(step: number, now: number): number {
    if (this.#afterFirst !== null && step > 1) return (now - this.#afterFirst) / 1000 / (step - 1);
    return step === 0 ? 0 : (now - this.#start) / 1000 / step;
  }

  #draw(step: number, info: string): void {
    const digits = String(this.#target).length;
    const done = Math.floor((width * step) / this.#target);
    const head = done > 0 ? "=".repeat(done - 1) + (step < this.#target ? ">" : "=") : "";
    const line = `${String(step).padStart(digits)}/${this.#target} [${head}${".".repeat(width - done)}]${info}`;
    this.#output.write(`${"\b".repeat(this.#shown)}\r${line.padEnd(this.#shown)}`);
    this.#shown = line.length;
  }
}

function values(logs: Logs): string {
  return Object.entries(logs)
    .map(([name, value]) => ` - ${name}: ${formatValue(value)}`)
    .join("");
}

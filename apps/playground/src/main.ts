import { lossChart } from "./chart.ts";
import type { Row } from "./comparison.ts";
import { addRow } from "./comparison.ts";
import type { ProgramName, TrainMessage, TrainRequest, Trained } from "./messages.ts";
import { showPictures } from "./pictures.ts";
import { showProgram } from "./program.ts";

// The page trains as soon as it is open, and when another program is chosen. `<html data-state>` says how it stands:
// running, done or failed.

/** The first two are chosen until the user chooses otherwise. */
const engines = [
  { engine: "cpu", color: "--first" },
  { engine: "tfjs:wasm", color: "--second" },
  { engine: "gpu:webgpu", color: "--third" },
  { engine: "gpu:webgl2", color: "--fourth" },
  { engine: "gpu:webasm", color: "--fifth" },
];

const form = find("#controls", HTMLFormElement);
const button = find("#controls button", HTMLButtonElement);
const programs = find("#programs", HTMLFieldSetElement);
const pictures = find("#pictures", HTMLElement);
const status = find("#status", HTMLElement);
const chart = lossChart(find("#chart", HTMLElement), engines);

find("#choice", HTMLElement).append(...engines.map(({ engine }, index) => choice(engine, index < 2)));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void compare();
});
programs.addEventListener("change", () => form.requestSubmit());
void compare();

/** Trains on one engine after the other, so that none disturbs another's time. */
async function compare(): Promise<void> {
  const values = new FormData(form);
  const chosen = engines.filter(({ engine }) => values.getAll("engine").includes(engine));
  if (chosen.length === 0) {
    status.textContent = "Choose an engine.";
    return;
  }
  const program: ProgramName = values.get("program") === "digits" ? "digits" : "mlp";
  const request = { program, epochs: Number(values.get("epochs")), seed: Number(values.get("seed")) };
  setState("running");
  for (const control of [button, programs]) control.disabled = true;
  showProgram(program, find("#program", HTMLElement), find("#accuracy-note", HTMLElement));
  showPictures(pictures, []);
  status.textContent = "";
  chart.reset(request.epochs);
  const body = find("#comparison tbody", HTMLElement);
  body.replaceChildren();
  const rows = chosen.map(({ engine, color }) => ({ engine, row: addRow(body, engine, color) }));
  for (const { row } of rows) row.waiting();

  const finished: (Trained & { readonly engine: string })[] = [];
  for (const { engine, row } of rows) {
    const ending = await train({ ...request, engine }, row);
    row.end(ending);
    if (ending.kind !== "done") continue;
    if (finished.length === 0) showPictures(pictures, ending.samples);
    finished.push({ ...ending, engine });
  }
  const all = finished.length === rows.length;
  const [fastest, ...slower] = finished.toSorted((a, b) => a.seconds - b.seconds);
  if (all && fastest)
    status.textContent = slower
      .map(({ engine, seconds }) => [engine, (seconds / fastest.seconds).toFixed(1)])
      .map(([engine, times]) => `${fastest.engine} was ${times} times as fast as ${engine}.`)
      .join(" ");
  for (const control of [button, programs]) control.disabled = false;
  setState(all ? "done" : "failed");
}

/** One run in a worker of its own; the worker and what it compiled are gone afterwards. */
function train(request: TrainRequest, row: Row): Promise<Exclude<TrainMessage, { kind: "epoch" }>> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  row.running(0);
  return new Promise((resolve) => {
    const end = (ending: Exclude<TrainMessage, { kind: "epoch" }>): void => {
      worker.terminate();
      resolve(ending);
    };
    worker.addEventListener("error", ({ message }) => {
      end({ kind: "failed", message: message || "the worker did not start" });
    });
    worker.addEventListener("message", ({ data }: MessageEvent<TrainMessage>) => {
      if (data.kind !== "epoch") return end(data);
      row.running(data.epoch, data.loss);
      chart.add(request.engine, data.epoch, data.loss);
    });
    worker.postMessage(request);
  });
}

/** A box that chooses an engine. */
function choice(engine: string, checked: boolean): HTMLElement {
  const label = document.createElement("label");
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", name: "engine", value: engine, checked });
  label.append(box, engine);
  return label;
}

function setState(state: "running" | "done" | "failed"): void {
  document.documentElement.dataset["state"] = state;
}

function find<T extends HTMLElement>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`);
  return found;
}

import type { TrainMessage } from "./messages.ts";

type Ending = Exclude<TrainMessage, { readonly kind: "epoch" }>;

/** The row of one engine in the comparison. */
export interface Row {
  waiting(): void;
  /** The losses of all epochs stay in `data-losses`, as JSON; what the engine ran on, in `data-running`. */
  running(epoch: number, loss?: number): void;
  end(ending: Ending): void;
}

/** Appends the row of an engine; `color` is the custom property of its curve. */
export function addRow(body: HTMLElement, engine: string, color: string): Row {
  const row = document.createElement("tr");
  row.dataset["engine"] = engine;
  row.style.setProperty("--swatch", `var(${color})`);
  body.append(row);
  const losses: number[] = [];

  const show = (state: string, cells: readonly string[]): void => {
    row.dataset["state"] = state;
    row.replaceChildren(
      ...[engine, ...cells].map((text) => {
        const cell = document.createElement("td");
        cell.textContent = text;
        return cell;
      }),
    );
  };
  return {
    waiting: () => show("waiting", ["–", "–", "–", "–"]),
    running: (epoch, loss) => {
      if (loss !== undefined) losses.push(loss);
      row.dataset["losses"] = JSON.stringify(losses);
      show("running", [`epoch ${epoch}`, "–", "–", "–"]);
    },
    end(ending) {
      if (ending.kind === "failed") {
        show("failed", [ending.message]);
        for (const cell of row.querySelectorAll("td + td")) cell.setAttribute("colspan", "4");
      } else {
        const { seconds, loss, accuracy, hostSteps, running } = ending;
        show("done", [seconds.toFixed(3), loss.toFixed(4), accuracy.toFixed(4), String(hostSteps)]);
        row.dataset["running"] = JSON.stringify(running);
        if (running === null) return;
        const adapter = document.createElement("small");
        adapter.textContent = running["adapter"] ?? "";
        row.querySelector("td")?.append(adapter);
      }
    },
  };
}

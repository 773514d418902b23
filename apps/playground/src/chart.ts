import UPlot from "uplot";

/** The loss curves of a run, one for each engine, growing while it trains. */
export interface LossChart {
  /** Starts anew, with room for `epochs`. */
  reset(epochs: number): void;
  add(engine: string, epoch: number, loss: number): void;
}

interface Series {
  readonly engine: string;
  readonly color: string;
}

/** Draws in the colours of the page's theme, also after it changes. The first engine's is a broad band, so that equal ones show. */
export function lossChart(place: HTMLElement, series: readonly Series[]): LossChart {
  let epochs: number[] = [];
  let losses: (number | null)[][] = [];
  let plot: UPlot | undefined;
  let pending = false;

  const draw = (): void => {
    plot?.destroy();
    plot = new UPlot(options(place.clientWidth, series, epochs.length), [epochs, ...losses], place);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height })).observe(place);

  return {
    reset(count) {
      epochs = Array.from({ length: count }, (_, index) => index + 1);
      losses = series.map(() => epochs.map(() => null));
      draw();
    },
    add(engine, epoch, loss) {
      const line = losses[series.findIndex((entry) => entry.engine === engine)];
      if (line !== undefined) line[epoch - 1] = loss;
      if (pending) return;
      // A fast engine reports several epochs between two frames.
      pending = true;
      requestAnimationFrame(() => {
        pending = false;
        plot?.setData([epochs, ...losses]);
      });
    },
  };
}

const height = 270;

function options(width: number, series: readonly Series[], epochs: number): UPlot.Options {
  const faint = resolve("var(--faint)");
  const axis = {
    stroke: faint,
    grid: { stroke: resolve("var(--grid)"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { points: { size: 6 } },
    scales: { x: { time: false, range: [1, Math.max(2, epochs)] } },
    axes: [
      {
        ...axis,
        label: "epoch",
        labelFont: "12px system-ui",
        labelSize: 16,
        size: 32,
        incrs: [1, 2, 5, 10, 20, 50, 100],
      },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => tick.toFixed(3)) },
    ],
    series: [
      { label: "epoch" },
      ...series.map(({ engine, color }, index) => ({
        label: engine,
        stroke: resolve(index === 0 ? `color-mix(in srgb, var(${color}) 45%, transparent)` : `var(${color})`),
        width: index === 0 ? 9 : 2,
        points: { show: false },
      })),
    ],
  };
}

/** The canvas knows neither custom properties nor `light-dark()`: an element computes the colour. */
function resolve(value: string): string {
  const probe = document.createElement("i");
  probe.style.color = value;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

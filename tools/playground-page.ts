import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { preview } from "vite";

/** The folder of the playground. */
export const playground: string = fileURLToPath(new URL("../apps/playground", import.meta.url));

/** A row of the page's table, of one engine that has trained. */
export interface Row {
  readonly engine: string;
  readonly state: string;
  /** The cells: backend, seconds, loss, accuracy, host steps; or backend and what went wrong. */
  readonly cells: readonly string[];
  /** The training loss of each epoch. */
  readonly losses: readonly number[];
  /** Mode, executor and adapter, as the engine itself says; null for an engine that says nothing. */
  readonly running: Readonly<Record<string, string>> | null;
}

/** What to train, as a user would choose it in the form. */
export interface Choice {
  readonly program?: "mlp" | "digits";
  readonly engines: readonly string[];
  readonly epochs: number;
}

/** The built playground, served as a web server would. */
export async function servePlayground(outDir: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = await preview({
    root: playground,
    build: { outDir },
    preview: { port: 0, strictPort: false },
    logLevel: "warn",
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("vite preview has no address");
  return { url, close: () => server.close() };
}

/** The playground in a page of a browser, which trains as soon as it is open. */
export class PlaygroundPage {
  readonly page: Page;
  /** Errors of the page and its workers, and what they wrote to the console as errors. */
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(`error in the page: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(`the page's console: ${message.text()}`);
    });
  }

  static async open(browser: Browser, url: string): Promise<PlaygroundPage> {
    const opened = new PlaygroundPage(await browser.newPage({ viewport: { width: 1200, height: 800 } }));
    await opened.page.goto(url);
    return opened;
  }

  /** Trains these engines in turn, and gives the rows of the table. */
  async train({ program = "mlp", engines, epochs }: Choice): Promise<readonly Row[]> {
    const { page } = this;
    for (const box of await page.locator("input[name=engine]").all())
      await box.setChecked(engines.includes(await box.inputValue()));
    await page.locator("input[name=epochs]").fill(String(epochs));
    const tab = page.locator(`input[name=program][value=${program}]`);
    // Choosing another program trains it; the button trains the same one again.
    if (await tab.isChecked()) await page.locator("button[type=submit]").click();
    else await tab.check();
    return this.rows(engines);
  }

  /** The rows once the training that is under way has ended; what is wrong with them becomes a problem. */
  async rows(engines: readonly string[]): Promise<readonly Row[]> {
    await this.page.waitForSelector("html[data-state=done], html[data-state=failed]", {
      state: "attached",
      timeout: 600_000,
    });
    const rows = await Promise.all(
      (await this.page.locator("#comparison tbody tr").all()).map((row) =>
        row.evaluate((element: HTMLElement): Row => {
          const { engine = "", state = "", losses = "[]", running = "null" } = element.dataset;
          const cells = [...element.querySelectorAll("td")].map((cell) => cell.innerText);
          return { engine, state, cells, losses: JSON.parse(losses), running: JSON.parse(running) };
        }),
      ),
    );
    const names = rows.map(({ engine }) => engine).join(", ");
    if (names !== engines.join(", ")) this.problems.push(`rows of ${names}, not of ${engines.join(", ")}`);
    for (const { state, cells } of rows) {
      console.log(cells.join("  ").replaceAll("\n", " "));
      const numbers = cells.slice(1).map(Number);
      if (state !== "done" || numbers.length !== 4 || !numbers.every(Number.isFinite))
        this.problems.push(`a row without numbers: ${cells.join("  ")}`);
    }
    return rows;
  }
}

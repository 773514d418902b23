import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { preview } from "vite";

// Serves the built playground as a web server would, lets it train, and reads the table that it shows.
// The page says how it stands in `<html data-state="running|done|failed">`; its results are the rows of
// `#comparison tbody`, one for each backend: name, seconds, loss, accuracy.
// An argument is the file that a picture of the page goes to.

const expected = ["cpu", "tfjs"];
const [picture] = process.argv.slice(2);
const server = await preview({
  root: fileURLToPath(new URL("../apps/playground", import.meta.url)),
  preview: { port: 0, strictPort: false },
});
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("vite preview has no address");
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error in the page: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`the page's console: ${message.text()}`);
  });
  await page.goto(url);
  await page.waitForSelector("html[data-state=done], html[data-state=failed]", {
    state: "attached",
    timeout: 120_000,
  });
  if ((await page.locator("html").getAttribute("data-state")) !== "done")
    problems.push("the page ended in the state 'failed'");
  const rows = await page.locator("#comparison tbody tr").allInnerTexts();
  console.log(rows.join("\n"));
  for (const name of expected) {
    const row = rows.find((text) => text.startsWith(name));
    const numbers = row?.match(/\d+(\.\d+)?(e-?\d+)?/g) ?? [];
    if (row === undefined) problems.push(`no row for ${name}`);
    else if (numbers.length < 3 || /NaN|Infinity/.test(row)) problems.push(`row without numbers: ${row}`);
  }
  if (picture !== undefined) await page.screenshot({ path: picture });
  if (problems.length > 0) throw new Error(problems.join("\n"));
} finally {
  await browser.close();
  await server.close();
}

import { expect, inject, test, vi } from "vitest";
import { create } from "./engine.ts";
import { product } from "./fixtures/product.ts";
import { runOnce, sample } from "./fixtures/program.ts";

// Long enough for a worker that sleeps to wake up before the calling thread has taken every chunk.
const side = 320;
const program = product(side);
const feeds = [sample("float32", side ** 2, 1), sample("float32", side ** 2, 2)];

test("threads take part where the page is isolated, with the same bits", async () => {
  const [wanted] = await runOnce(create({ threads: 1 }), program, feeds);
  const engine = create({ threads: 3, sharedFrom: 0 });
  expect((await runOnce(engine, program, feeds))[0]).toEqual(wanted);
  const threads = inject("isolated") ? 3 : 1;
  await vi.waitFor(
    async () => {
      expect((await runOnce(engine, program, feeds))[0]).toEqual(wanted);
      const report = engine.threads();
      expect([report.threads, report.workers]).toEqual([threads, threads - 1]);
      for (const chunks of report.claimed) expect(chunks).toBeGreaterThan(0);
    },
    { timeout: 60_000 },
  );
  engine.dispose();
  expect((await runOnce(engine, program, feeds))[0]).toEqual(wanted);
}, 90_000);

test("where a policy forbids workers from blobs, one thread does it all", async () => {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "worker-src 'self'";
  document.head.append(policy);
  const refused = new Promise((done) => document.addEventListener("securitypolicyviolation", done));
  const [wanted] = await runOnce(create({ threads: 1 }), program, feeds);
  const engine = create({ threads: 2, sharedFrom: 0 });
  expect((await runOnce(engine, program, feeds))[0]).toEqual(wanted);
  if (inject("isolated")) await refused;
  expect((await runOnce(engine, program, feeds))[0]).toEqual(wanted);
  expect(engine.threads().workers).toBe(0);
  policy.remove();
});

test("a page has one thread unless it asks for more", () => {
  expect(create().threads().threads).toBe(1);
});

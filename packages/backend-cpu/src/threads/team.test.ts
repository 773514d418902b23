import { afterEach, describe, expect, test, vi } from "vitest";
import wabt from "wabt";
import { Heap } from "../memory/heap.ts";
import { Team, ThreadError } from "./team.ts";

// For machines that are busy.
vi.setConfig({ testTimeout: 120_000 });

const heap = new Heap(true);
const teams: Team[] = [];

function teamOf(threads: number): Team {
  const team = new Team(heap, threads);
  team.join();
  team.start();
  teams.push(team);
  return team;
}

afterEach(() => {
  for (const team of teams.splice(0)) team.leave();
});

/** Adds chunk functions written in the text format; returns their numbers. They start as "0", "1", ... */
async function add(team: Team, functions: string): Promise<readonly number[]> {
  const text = `(module (import "e" "m" (memory 1 65536 shared)) ${functions})`;
  const parsed = (await wabt()).parseWat("chunks.wat", text, { threads: true });
  const module = new WebAssembly.Module(new Uint8Array(parsed.toBinary({}).buffer));
  const instance = new WebAssembly.Instance(module, { e: { m: heap.memory } });
  const numbers = Object.keys(instance.exports).map(() => team.reserve());
  held.push(team.add(numbers, module, instance));
  return numbers;
}
const held: unknown[] = [];

const workersOf = (team: Team, workers: number): Promise<void> =>
  vi.waitFor(() => expect(team.report().workers).toBe(workers), { timeout: 60_000 });

describe("a team", () => {
  test.each([2, 4])("of %i shares a job among all threads, chunk by chunk", async (threads) => {
    const team = teamOf(threads);
    const arrived = heap.allocate(4);
    heap.words[arrived >> 2] = 0;
    // Each chunk waits until as many have begun as there are threads: so each thread gets one.
    const [meet] = await add(
      team,
      `(func (export "0") (param i32 i32)
         (drop (i32.atomic.rmw.add (i32.const ${arrived}) (i32.const 1)))
         (loop (br_if 0 (i32.lt_u (i32.atomic.load (i32.const ${arrived})) (i32.const ${threads})))))`,
    );
    await workersOf(team, threads - 1);
    team.run(meet!, threads);
    expect(team.report()).toEqual({
      threads,
      workers: threads - 1,
      claimed: Array.from({ length: threads }, () => 1),
    });
  });

  test("does every chunk of thousands of jobs once, as modules come and go between them", async () => {
    const team = teamOf(3);
    const counts = heap.allocate(4 * 64);
    const count = `(func (export "0") (param i32 i32)
      (drop (i32.atomic.rmw.add (i32.add (i32.const ${counts}) (i32.shl (local.get 0) (i32.const 2))) (i32.const 1))))`;
    const cells = (): Int32Array => heap.words.subarray(counts >> 2, (counts >> 2) + 64);
    let jobs = 0;
    cells().fill(0);
    for (let module = 0; module < 20; module++) {
      const [number] = await add(team, count);
      for (let job = 0; job < 200; job++, jobs++) team.run(number!, 1 + (job % 64));
    }
    const wanted = Array.from({ length: 64 }, (_, chunk) => {
      let expected = 0;
      for (let job = 0; job < jobs; job++) if (chunk < 1 + ((job % 200) % 64)) expected++;
      return expected;
    });
    expect([...cells()]).toEqual(wanted);
    const { claimed, workers } = team.report();
    expect(workers).toBe(2);
    expect(claimed.reduce((sum, chunks) => sum + chunks, 0)).toBe(wanted.reduce((sum, n) => sum + n, 0));
  });

  test("reports a trap once the job is over, and goes on", async () => {
    const team = teamOf(2);
    const done = heap.allocate(4);
    heap.words[done >> 2] = 0;
    const [odd] = await add(
      team,
      `(func (export "0") (param i32 i32)
         (if (i32.and (local.get 0) (i32.const 1)) (then unreachable))
         (drop (i32.atomic.rmw.add (i32.const ${done}) (i32.const 1))))`,
    );
    await workersOf(team, 1);
    for (let job = 1; job <= 50; job++) {
      let thrown: unknown;
      try {
        team.run(odd!, 8);
      } catch (error) {
        thrown = error;
      }
      expect(thrown instanceof WebAssembly.RuntimeError || thrown instanceof ThreadError).toBe(true);
      expect(heap.words[done >> 2]).toBe(4 * job);
    }
  });

  test("works alone before its workers are there, after they have left, and when it starts again", async () => {
    const team = teamOf(2);
    const [nothing] = await add(team, '(func (export "0") (param i32 i32))');
    team.run(nothing!, 5);
    await workersOf(team, 1);
    team.run(nothing!, 5);
    team.leave();
    expect(team.report().workers).toBe(0);
    team.run(nothing!, 5);
    team.join();
    team.start();
    await workersOf(team, 1);
    for (let job = 0; job < 100; job++) team.run(nothing!, 5);
    expect(team.report().claimed.reduce((sum, chunks) => sum + chunks, 0)).toBe(515);
  });

  test("has no workers where none can be started", async () => {
    vi.stubGlobal("process", { ...process, getBuiltinModule: () => undefined, versions: process.versions });
    vi.stubGlobal("Worker", undefined);
    const team = teamOf(4);
    vi.unstubAllGlobals();
    const [nothing] = await add(team, '(func (export "0") (param i32 i32))');
    team.run(nothing!, 7);
    expect(team.report()).toEqual({ threads: 4, workers: 0, claimed: [7, 0, 0, 0] });
  });
});

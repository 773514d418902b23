import { type Program, formatSpec, specOf } from "@polykeras/core";
import type { Group, Loop, Matrix, Operand, Reference, Scan } from "./group.ts";
import type { Plan } from "./plan.ts";

/** The groups of a plan, their bodies and where every storage lies: for `explain`, tests and debugging. */
export function printPlan(program: Program, plan: Plan): string {
  const at = (storage: number): string => {
    const place = plan.places.get(storage);
    if (!place) return `%${storage}`;
    return place.kind === "arena" ? `%${storage}@${place.offset}` : `%${storage}$${place.slot}`;
  };
  const lines = [`arena of ${plan.arenaBytes} bytes, ${plan.slots} addresses, ${plan.groups.length} groups`];
  for (const group of plan.groups) {
    if (group.kind === "scan") lines.push(...printScan(group, plan, at));
    else lines.push(...printGroup(program, group, at));
  }
  for (const { from, to, bytes } of plan.copies) lines.push(`copy ${at(from)} to ${at(to)}, ${bytes} bytes`);
  return lines.join("\n");
}

type Name = (storage: number) => string;

function printScan({ index, body, length, reads, writes }: Scan, { bodies }: Plan, at: Name): string[] {
  const inner = bodies.get(index);
  const read = reads.map(({ storage, offset }) => `${at(storage)}${offset === 0 ? "" : `+${offset}`}`);
  const head = `scan of ${length} steps, table at ${inner?.slot}: ${writes.map(at).join(", ")} = ${read.join(", ")}`;
  const lines = inner ? printPlan(body, inner.plan).split("\n") : [];
  return [head, ...lines.map((line) => `  ${line}`)];
}

function printGroup(program: Program, group: Exclude<Group, Scan>, at: Name): string[] {
  if (group.kind === "loop") return printLoop(program, group, at);
  if (group.kind === "routine") {
    const reads = group.reads.map(
      ({ storage, offset }) => `${at(storage)}${offset === 0 ? "" : `+${offset}`}`,
    );
    return [`${group.op} ${group.writes.map(at).join(", ")} = ${reads.join(", ")}`];
  }
  const { batch, m, n, k, a, b, storage, epilogue } = group;
  const matrix = (of: Matrix): string => at(of.storage) + (of.transposed ? "ᵀ" : "");
  const head = `product ${batch} x (${m}, ${k}) (${k}, ${n}): ${at(storage)} = ${matrix(a)} ${matrix(b)}`;
  return [head, ...(epilogue ? printLoop(program, epilogue, at).map((line) => `  ${line}`) : [])];
}

function printLoop(program: Program, loop: Loop, at: Name): string[] {
  const random = loop.random === null ? "" : ` drawing from ${at(loop.random)}`;
  const lines = [`loop (${loop.extents.join(", ")}), cost ${loop.cost}${random}`];
  const operand = (of: Operand): string => {
    if (of.kind === "number") return String(of.value);
    if (of.kind === "iota") return `index(${of.strides.join()})`;
    return `${at(of.storage)}[${of.strides.join()}]${of.offset === 0 ? "" : `+${of.offset}`}`;
  };
  const name = (of: Reference): string => {
    if (of.kind === "constant") return String(of.value);
    return of.kind === "result" ? `r${of.index}` : operand(loop.operands[of.index]!);
  };
  for (const [i, { op, inputs, dtype }] of loop.body.entries())
    lines.push(`  r${i} = ${op}(${inputs.map(name).join(", ")}) ${dtype}`);
  for (const { from, access } of loop.stores)
    lines.push(
      `  store ${at(access.storage)} ${formatSpec(specOf(program, access.storage))} = ${name(from)}`,
    );
  for (const { reduce, from, storage } of loop.reductions)
    lines.push(`  ${reduce} over (${loop.reduced.map(Number).join()}): ${at(storage)} = ${name(from)}`);
  return lines;
}

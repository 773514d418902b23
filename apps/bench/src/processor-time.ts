import { readFileSync, readdirSync } from "node:fs";

/**
 * The time that the processes this one has started, and those they have started, spent on processors, in milliseconds:
 * a browser computes in several. Throws where there is no /proc.
 */
export function timeOfChildren(): number {
  const parents = new Map<string, string>();
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = / [A-Za-z] (\d+) /.exec(attempt(`/proc/${id}/stat`).replace(/^.*\)/, ""))?.[1];
    if (parent !== undefined) parents.set(id, parent);
  }
  const own = String(process.pid);
  const isOurs = (id: string): boolean => {
    for (let at = parents.get(id); at !== undefined; at = parents.get(at)) if (at === own) return true;
    return false;
  };
  let nanoseconds = 0;
  for (const id of [...parents.keys()].filter((of) => isOurs(of)))
    for (const thread of threadsOf(id))
      nanoseconds += Number(attempt(`/proc/${id}/task/${thread}/schedstat`).split(" ")[0]);
  return nanoseconds / 1e6;
}

/** Empty for what has ended meanwhile. */
function attempt(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function threadsOf(id: string): readonly string[] {
  try {
    return readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
}

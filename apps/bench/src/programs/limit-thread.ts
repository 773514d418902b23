import { parentPort, workerData } from "node:worker_threads";
import { type Share, asked, workOf } from "../libraries/limit-team.ts";

// A thread of the limit's loops: takes its share each time that it is asked.

/** So often it looks before it sleeps: the others should not have to wake it. */
const looks = 100_000;

const share: Share = workerData;
const work = workOf(share);
let seen = 0;
parentPort?.postMessage("ready");
for (;;) {
  for (let i = 0; i < looks && Atomics.load(share.control, asked) === seen; i += 1);
  Atomics.wait(share.control, asked, seen);
  seen = Atomics.load(share.control, asked);
  work();
}

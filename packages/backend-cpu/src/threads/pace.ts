/** Jobs after which it is reckoned what the workers have saved. */
const period = 8;
const restMin = 32;
const restMax = 1024;

/**
 * Whether jobs are shared at present. Where other processes keep the cores, a worker that is not running holds its chunk
 * for a while, and the wait costs more than the worker saves: then the calling thread works alone for some jobs before
 * it tries again, for more of them each time that was in vain.
 */
export class Pace {
  #jobs = 0;
  #saved = 0;
  #resting = 0;
  #rest = restMin;

  /** Asked once for each job: true if it is to be shared. */
  next(): boolean {
    if (this.#resting === 0) return true;
    this.#resting--;
    return false;
  }

  /** What a shared job took, and what it would have taken alone, by the chunks that the calling thread did. */
  record(taken: number, alone: number): void {
    this.#saved += alone - taken;
    if (++this.#jobs < period) return;
    if (this.#saved < 0) {
      this.#resting = this.#rest;
      this.#rest = Math.min(restMax, 2 * this.#rest);
    } else this.#rest = restMin;
    this.#jobs = 0;
    this.#saved = 0;
  }
}

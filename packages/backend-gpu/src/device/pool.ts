import type { Memory } from "@polykeras/core";

/** Device memory that another tensor may take once it is given back. */
export interface Resource {
  /** Resources of one key serve for one another, and have as many bytes. */
  readonly key: string | number;
  readonly bytes: number;
}

/** Free resources may hold so much, or as much as those in use if that is more. */
const idleBytes = 64 * 2 ** 20;

/** Resources by key, so that a training step allocates nothing once it has run. */
export class Pool<R extends Resource> {
  readonly #destroy: (resource: R) => void;
  readonly #free = new Map<R["key"], R[]>();
  #freeBytes = 0;
  #buffers = 0;
  #bytes = 0;

  constructor(destroy: (resource: R) => void) {
    this.#destroy = destroy;
  }

  /** All resources, those that are free included. */
  get memory(): Memory {
    return { buffers: this.#buffers, bytes: this.#bytes };
  }

  /** A free resource of that key, else a new one. */
  take(key: R["key"], make: () => R): R {
    const found = this.#free.get(key)?.pop();
    if (found) {
      this.#freeBytes -= found.bytes;
      return found;
    }
    const made = make();
    this.#buffers++;
    this.#bytes += made.bytes;
    return made;
  }

  give(resource: R): void {
    const list = this.#free.get(resource.key);
    if (list) list.push(resource);
    else this.#free.set(resource.key, [resource]);
    this.#freeBytes += resource.bytes;
    const limit = Math.max(idleBytes, this.#bytes - this.#freeBytes);
    if (this.#freeBytes > limit) this.#shrink(limit / 2);
  }

  /** Destroys free resources, the largest first. */
  #shrink(limit: number): void {
    const bytesOf = (list: readonly R[]): number => list[0]?.bytes ?? 0;
    for (const list of [...this.#free.values()].toSorted((a, b) => bytesOf(b) - bytesOf(a)))
      while (list.length > 0 && this.#freeBytes > limit) {
        const resource = list.pop()!;
        this.#destroy(resource);
        this.#freeBytes -= resource.bytes;
        this.#bytes -= resource.bytes;
        this.#buffers--;
      }
  }
}

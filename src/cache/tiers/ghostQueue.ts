import { fnv1a } from "../fnv1a.ts";

/**
 * Which keys were evicted lately: S3-FIFO's ghost queue, by a digest of 32 bits as in the paper (4.2), so that its size is
 * known whatever the keys are. Two keys of one digest: one of them is taken for evicted that never was here.
 */
export class GhostQueue {
  readonly #ring: Uint32Array;
  /** By digest, the number of its eviction. */
  readonly #evicted = new Map<number, number>();
  #count = 0;

  /** `size`: so many evictions are remembered. */
  constructor(size: number) {
    this.#ring = new Uint32Array(Math.max(1, size));
  }

  add(key: string): void {
    const place = this.#count % this.#ring.length;
    const forgotten = this.#ring[place] ?? 0;
    if (this.#evicted.get(forgotten) === this.#count - this.#ring.length) this.#evicted.delete(forgotten);
    const digest = fnv1a(key);
    this.#ring[place] = digest;
    this.#evicted.set(digest, this.#count);
    this.#count++;
  }

  /** Whether it was evicted, and not more than so many evictions ago. */
  has(key: string, within: number): boolean {
    const number = this.#evicted.get(fnv1a(key));
    return number !== undefined && this.#count - number <= within;
  }

  /** It is back. */
  forget(key: string): void {
    this.#evicted.delete(fnv1a(key));
  }
}

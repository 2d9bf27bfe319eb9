/**
 * Which keys were evicted lately, by a digest of 32 bits, so that its size is known whatever the keys are: a miss of one
 * of them tells that the memory is small. Two keys of one digest: one of them is taken for evicted that never was here.
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

  add(digest: number): void {
    const place = this.#count % this.#ring.length;
    const forgotten = this.#ring[place] ?? 0;
    if (this.#evicted.get(forgotten) === this.#count - this.#ring.length) this.#evicted.delete(forgotten);
    this.#ring[place] = digest;
    this.#evicted.set(digest, this.#count);
    this.#count++;
  }

  has(digest: number): boolean {
    return this.#evicted.has(digest);
  }

  /** It is back. */
  forget(digest: number): void {
    this.#evicted.delete(digest);
  }
}

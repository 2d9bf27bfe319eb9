/** Which keys were evicted lately, by digests of 32 bits: two keys of one digest, and one is taken for evicted that never was here. */
export class EvictedKeys {
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

import { NO_PRIMARY_MS } from "../../../src/database/constants.ts";

/** From when to when a node could not be counted on, by name; `toMs` is infinite while it lasts. */
interface Trouble {
  readonly node: string;
  readonly fromMs: number;
  toMs: number;
}

/** What was broken when, as the one who broke it knows: what refusals are held against. */
export class Troubles {
  readonly #all: Trouble[] = [];
  readonly #primaries: { readonly node: string; readonly fromMs: number; readonly unknownMs: number }[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  begins(node: string): void {
    this.#all.push({ node, fromMs: this.#nowMs(), toMs: Number.POSITIVE_INFINITY });
  }

  ends(node: string): void {
    for (const each of this.#all) if (each.node === node) each.toMs = Math.min(each.toMs, this.#nowMs());
  }

  /** From now on this node takes the writes, in an epoch that has begun. */
  isPrimary(node: string): void {
    const unknownMs = this.#primaries.length === 0 ? 0 : NO_PRIMARY_MS;
    this.#primaries.push({ node, fromMs: this.#nowMs(), unknownMs });
  }

  get primary(): string | undefined {
    return this.#primaries.at(-1)?.node;
  }

  /** Nothing was done to the node from the first moment to the last. */
  wasWell(node: string, fromMs: number, toMs: number): boolean {
    return this.#all.every((each) => each.node !== node || each.toMs < fromMs || each.fromMs > toMs);
  }

  /**
   * One node was the primary all the time, and nothing was done to it. It counts a moment after its trouble's end, or
   * its first write: each isolate finds it by itself, and believes for that long what it last found, that there is none.
   */
  primaryAnswered(fromMs: number, toMs: number): boolean {
    const since = this.#primaries.findLast((each) => each.fromMs <= toMs);
    return (
      since !== undefined &&
      since.fromMs <= fromMs - since.unknownMs &&
      this.wasWell(since.node, fromMs - NO_PRIMARY_MS, toMs)
    );
  }
}

import { ENTERS_BELOW_MS, LAGGING_MS } from "./constants.ts";
import type { Behind } from "./lagBound.ts";
import { compareEpochs, type Role } from "./topology.ts";

/** What decides whether a replica is read from as a rule. */
interface Facts {
  readonly node: string;
  readonly role: Role;
  /** The newest epoch that it knows of, and that anybody does. */
  readonly epoch: string | null;
  readonly newestEpoch: string | null;
}

/** Why a replica is in no rotation; undefined: it is. */
export type OutReason = "drained" | "other line" | "too far behind";

/**
 * Which replicas are read from as a rule. One that does not know of the newest epoch may follow a line that is over,
 * however near it seems; one that lags is out until it has caught up, well below the bound that put it out.
 */
export class Rotation {
  #drained: ReadonlySet<string>;
  readonly #behind: Set<string>;

  constructor(drained: readonly string[], behind: readonly string[] = []) {
    this.#drained = new Set(drained);
    this.#behind = new Set(behind);
  }

  /** Those that have to catch up first. */
  get behind(): readonly string[] {
    return [...this.#behind].sort();
  }

  get drained(): readonly string[] {
    return [...this.#drained].sort();
  }

  drain(node: string, isOut: boolean): void {
    const others = [...this.#drained].filter((each) => each !== node);
    this.#drained = new Set(isOut ? [...others, node] : others);
  }

  /**
   * How far a replica was behind when it was looked at; null: nobody knows. It is out where it was far behind at least, and
   * in again where it cannot have been: that nothing says so is not enough, since whoever looks may have begun just now.
   */
  seen(node: string, behind: Behind | null): void {
    if (behind === null) return;
    if (behind.atLeastMs > LAGGING_MS) this.#behind.add(node);
    if (behind.atLeastMs <= ENTERS_BELOW_MS && !mayBeFar(behind)) this.#behind.delete(node);
  }

  /** It is out, and may have caught up: one more look at it and at the primary tells. */
  isDoubtful(node: string, behind: Behind | null): boolean {
    return this.#behind.has(node) && behind !== null && behind.atLeastMs <= ENTERS_BELOW_MS && mayBeFar(behind);
  }

  reasonOut({ node, role, epoch, newestEpoch }: Facts): OutReason | undefined {
    if (this.#drained.has(node)) return "drained";
    if (role !== "replica") return undefined;
    if (epoch !== null && compareEpochs(epoch, newestEpoch) < 0) return "other line";
    return this.#behind.has(node) ? "too far behind" : undefined;
  }
}

function mayBeFar({ atMostMs }: Behind): boolean {
  return atMostMs === null || atMostMs > LAGGING_MS;
}

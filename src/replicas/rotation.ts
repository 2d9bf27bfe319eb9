import { ENTERS_BELOW_MS, LAGGING_MS } from "./constants.ts";
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
   * How far a replica was behind at least when it was looked at; null: nobody knows. Not how far it may be: that grows with
   * time.
   */
  seen(node: string, behindMs: number | null): void {
    if (behindMs === null) return;
    if (behindMs > LAGGING_MS) this.#behind.add(node);
    if (behindMs <= ENTERS_BELOW_MS) this.#behind.delete(node);
  }

  reasonOut({ node, role, epoch, newestEpoch }: Facts): OutReason | undefined {
    if (this.#drained.has(node)) return "drained";
    if (role !== "replica") return undefined;
    if (epoch !== null && compareEpochs(epoch, newestEpoch) < 0) return "other line";
    return this.#behind.has(node) ? "too far behind" : undefined;
  }
}

import { type HolderStand, hasGoneBack, isAnother, isRestart, isShorter } from "./holderStand.ts";
import { minuteOf } from "./minuteOf.ts";

/** What a node said of itself, as far as it matters here. */
interface Told {
  readonly node: string;
  readonly inRecovery: boolean;
  readonly epoch: string | null;
  readonly generation: string | null;
  readonly position: string | null;
}

/**
 * Follows the holder of the newest epoch, to tell when what it had answered is gone from it. What is not there any more is
 * known in two ways: from what it had said itself, and, of what it said to nobody, from the standbys that had it by then.
 */
export class HolderWatch {
  /** Of the last process of which it is known whether its log is what the one's before was. */
  #stand: HolderStand | null;
  /** What of it the row tells: how far his log goes is written once a minute, as rows are paid for. */
  #written: HolderStand | null;
  /** Looks that have begun: what was heard before the last of them did is older than all that it brings. */
  #looks = 0;
  /** The epoch whose standbys are heard. */
  #epoch: string | undefined;
  /** How far the furthest of them was, and how many looks had begun when it said so. */
  #furthest: { readonly node: string; readonly position: string; readonly looks: number } | undefined;
  /** Standbys that were ahead of one process of the holder's, which never goes back: they follow another line. */
  readonly #strangers = new Set<string>();
  /**
   * The process that is looked at a second time, and how far a standby was then. A third time it is not: on a busy site some
   * standby is ahead in each look, by what was asked at one time.
   */
  #doubted: { readonly generation: string | null; readonly position: string } | undefined;

  constructor(row: HolderStand | null) {
    this.#stand = row;
    this.#written = row;
  }

  get row(): HolderStand | null {
    return this.#written;
  }

  /** The nodes are about to be asked. */
  began(): void {
    this.#looks++;
  }

  /**
   * What he says in the look that began last, and all that others say in it. `gone back`: his log is not what it was, and
   * what he goes on with is another epoch. `doubtful`: a standby is ahead of his new process, or was asked later: one more
   * look tells.
   */
  looked(stand: HolderStand, others: readonly Told[]): "gone back" | "doubtful" | "the same" {
    const before = this.#stand;
    const isNewProcess = before !== null && isRestart(before, stand);
    if (!isNewProcess) this.#disbelieve(stand);
    const isBack = (before !== null && hasGoneBack(before, stand)) || (isNewProcess && this.#isMissed(stand));
    for (const other of others) this.heard(other, stand.epoch);
    const isSecondLook = this.#doubted?.generation === stand.generation;
    const ahead = this.#aheadOf(stand);
    if (!isBack && isNewProcess && ahead && !isSecondLook) {
      this.#doubted = { generation: stand.generation, position: ahead.position };
      return "doubtful";
    }
    this.#doubted = undefined;
    this.#stand = stand;
    const isOfBefore = minuteOf(this.#written?.at ?? 0) !== minuteOf(stand.at);
    if (isOfBefore || isAnother(this.#written, stand)) this.#written = stand;
    return isBack ? "gone back" : "the same";
  }

  /** What some node said. `epoch`: the one that has the holder. */
  heard({ node, inRecovery, epoch: itsEpoch, generation, position }: Told, epoch: string): void {
    if (position === null || itsEpoch !== epoch) return;
    if (this.#epoch !== epoch) this.forget();
    this.#epoch = epoch;
    if (inRecovery) {
      const isFurther = this.#furthest === undefined || isShorter(position, this.#furthest.position);
      if (isFurther && !this.#strangers.has(node)) this.#furthest = { node, position, looks: this.#looks };
      return;
    }
    const stand = this.#stand;
    const isHis = stand?.node === node && stand.epoch === epoch && stand.generation === generation;
    if (isHis && generation !== null && isShorter(position, stand.position)) this.#stand = { ...stand, position };
  }

  /** What standbys said counts no more: they may be of another line. */
  forget(): void {
    this.#furthest = undefined;
    this.#strangers.clear();
  }

  /** Whether he lacks what some standby had before he was asked. */
  #isMissed(stand: HolderStand): boolean {
    const doubted = this.#doubted;
    if (doubted?.generation === stand.generation && isShorter(doubted.position, stand.position)) return true;
    return this.#wasAheadOf(stand) !== undefined;
  }

  #disbelieve(stand: HolderStand): void {
    const ahead = this.#wasAheadOf(stand);
    if (!ahead) return;
    this.#strangers.add(ahead.node);
    this.#furthest = undefined;
  }

  /** The furthest standby of his epoch, where it was further before he was asked. */
  #wasAheadOf(stand: HolderStand) {
    const ahead = this.#aheadOf(stand);
    return ahead && ahead.looks < this.#looks ? ahead : undefined;
  }

  /** The furthest standby of his epoch, where it is further than he. */
  #aheadOf({ epoch, position }: HolderStand) {
    const furthest = this.#furthest;
    return furthest && this.#epoch === epoch && isShorter(furthest.position, position) ? furthest : undefined;
  }
}

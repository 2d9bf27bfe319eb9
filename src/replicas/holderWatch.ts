import { type HolderStand, hasGoneBack, isAnother, isRestart, isShorter } from "./holderStand.ts";
import { minuteOf } from "./minuteOf.ts";
import { compareEpochs } from "./topology.ts";

/** Where a log is, a bigint as text. */
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
  #stand: HolderStand | null;
  /** What of it the row tells: how far his log goes is written once a minute, as rows are paid for. */
  #written: HolderStand | null;
  /** How far a standby was when the holder's new process was first met, if that was less far. */
  #ahead: string | undefined;

  constructor(row: HolderStand | null) {
    this.#stand = row;
    this.#written = row;
  }

  get row(): HolderStand | null {
    return this.#written;
  }

  /** A standby was ahead of him, by what was asked at one time: whether he is behind it or just was, one more look tells. */
  get isDoubtful(): boolean {
    return this.#ahead !== undefined;
  }

  /**
   * What he says now, and all that others say at the same time. Whether his log is not what it was: what he goes on with is
   * another epoch then.
   */
  looked(stand: HolderStand, others: readonly Told[]): boolean {
    const before = this.#stand;
    const isBehind = this.#ahead !== undefined && isOneProcess(before, stand) && isShorter(this.#ahead, stand.position);
    const isBack = isBehind || (before !== null && hasGoneBack(before, stand));
    const isNewProcess = before !== null && !isBack && isRestart(before, stand);
    this.#ahead = isNewProcess ? aheadOf(stand, others) : undefined;
    this.#stand = stand;
    const isOfBefore = minuteOf(this.#written?.at ?? 0) !== minuteOf(stand.at);
    if (isOfBefore || isAnother(this.#written, stand)) this.#written = stand;
    return isBack;
  }

  /** Somebody asked the same process since, and its log went further. `now`: when that was heard. */
  heard({ node, inRecovery, epoch, generation, position }: Told, now: number): void {
    const stand = this.#stand;
    if (!stand || inRecovery || node !== stand.node || epoch !== stand.epoch) return;
    if (generation === null || generation !== stand.generation || !isShorter(position, stand.position)) return;
    this.#stand = { ...stand, position, at: now };
  }
}

function isOneProcess(before: HolderStand | null, { node, epoch, generation }: HolderStand): boolean {
  return before?.node === node && before.epoch === epoch && before.generation === generation;
}

function aheadOf({ epoch, position }: HolderStand, others: readonly Told[]): string | undefined {
  const standbys = others.filter((other) => other.inRecovery && other.epoch === epoch);
  const furthest = standbys.reduce<string | null>(
    (most, other) => (compareEpochs(other.position, most) > 0 ? other.position : most),
    null,
  );
  return furthest !== null && isShorter(furthest, position) ? furthest : undefined;
}

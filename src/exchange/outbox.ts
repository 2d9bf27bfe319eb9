import type { Reply } from "../rpc/reply.ts";
import type { Report } from "../rpc/report.ts";
import { THAW_AFTER_MS, UNACKNOWLEDGED_GAP_MS } from "./constants.ts";
import type { Ledger } from "./ledger.ts";
import { type Sender, writeReport } from "./writeReport.ts";

/** A report on its way: its text is fixed, so that a repeat is the same to the byte. */
export interface Frozen {
  readonly seq: number;
  readonly text: string;
  readonly frozenAt: number;
  readonly isUrgent: boolean;
  /** What must not be lost with it. */
  readonly bumps: Report["bumps"];
}

/** The one report that is under way: frozen out of the ledger, and sent again until somebody took it. */
export class Outbox {
  readonly #ledger: Ledger;
  #frozen: Frozen | undefined;
  #seq = 0;
  /** Answers in a row that did not acknowledge it: its owners could not be told. */
  #unacknowledged = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Nothing is on its way. */
  get isEmpty(): boolean {
    return this.#frozen === undefined;
  }

  /**
   * The report that was not acknowledged, or a new one. What was held back for too long is taken apart: its counts are
   * old and dropped, its bumps come again.
   */
  freeze(now: number, sender: () => Sender): Frozen {
    if (this.#frozen && Math.abs(now - this.#frozen.frozenAt) <= THAW_AFTER_MS) return this.#frozen;
    const from = sender(); // before anything is taken: should it throw, nothing is lost
    this.#ledger.putBack(this.#frozen?.bumps ?? []);
    const isUrgent = this.#ledger.urgentAt !== undefined;
    const report = writeReport(++this.#seq, this.#ledger.take(now), from);
    const { seq, bumps } = report;
    this.#frozen = { seq, text: JSON.stringify(report), frozenAt: now, isUrgent, bumps };
    return this.#frozen;
  }

  /** An answer to this report came. A refused report would be refused again: it is gone as well. */
  heard({ ack }: Reply, report: Frozen, isRefused: boolean): void {
    if (ack < report.seq && !isRefused) {
      this.#unacknowledged++;
      return;
    }
    if (this.#frozen === report) this.#frozen = undefined;
    this.#unacknowledged = 0;
  }

  /** When there is something urgent to send. Until the owners took the last report, what is new waits behind it. */
  urgentAt(lastAt: number): number | undefined {
    if (this.#unacknowledged > 0) return lastAt + UNACKNOWLEDGED_GAP_MS * 2 ** Math.min(4, this.#unacknowledged - 1);
    if (this.#frozen?.isUrgent) return this.#frozen.frozenAt;
    return this.#ledger.urgentAt;
  }
}

import { blockerText } from "./blocker.ts";
import { BLOCK_IS_NEWS_AFTER_MS, TELL_EVERY_MS } from "./constants.ts";
import { type LedgerNote, note } from "./ledger.ts";
import { progressShare } from "./progressShare.ts";
import { duration } from "./quantities.ts";
import type { Run } from "./run.ts";
import type { Sight } from "./sight.ts";
import { type Ended, supervise } from "./supervise.ts";

export interface Execution {
  readonly statement: string;
  readonly table: number | undefined;
  /** What the ledger says before it is sent. */
  readonly begun: Omit<LedgerNote, "state">;
  /** A build has progress to tell; a drop has none. */
  readonly hasProgress: boolean;
  /** For cleaning up after an interrupt, which must not be interrupted by it. */
  readonly signal?: AbortSignal;
}

/** Writes what is begun into the ledger, sends the statement under the watchdog's eyes, and tells what it sees. */
export async function execute(run: Run, work: Execution): Promise<Ended> {
  await note(run.observer, { ...work.begun, state: "begun" });
  const teller = new Teller(run, work);
  return supervise({
    builder: run.builder,
    observer: run.observer,
    work: () => run.builder.rows(work.statement),
    table: work.table,
    waitBudgetMs: run.limits.waitBudgetMs,
    signal: work.signal ?? run.signal,
    onSight: (sight) => teller.tell(sight),
  });
}

/** Turns what is seen forty times a second into what a person wants to know. */
class Teller {
  readonly #run: Run;
  readonly #work: Execution;
  #share = 0;
  #phase = "";
  #toldAt = Number.NEGATIVE_INFINITY;
  #blockedBy = "";
  #blockedSince = 0;
  #isBlockTold = false;

  constructor(run: Run, work: Execution) {
    this.#run = run;
    this.#work = work;
  }

  tell({ progress, blockers }: Sight): void {
    const now = performance.now();
    const who = blockers.map(({ pid }) => pid).join();
    if (who !== this.#blockedBy) [this.#blockedBy, this.#blockedSince, this.#isBlockTold] = [who, now, false];
    const isDue = now - this.#toldAt >= TELL_EVERY_MS;
    if (who !== "") {
      const forMs = now - this.#blockedSince;
      if (forMs >= BLOCK_IS_NEWS_AFTER_MS && (isDue || !this.#isBlockTold)) this.#tellBlocked(blockers, forMs, now);
      return;
    }
    if (!progress || !this.#work.hasProgress || (!isDue && progress.phase === this.#phase)) return;
    this.#toldAt = now;
    this.#phase = progress.phase;
    this.#share = Math.max(this.#share, progressShare(progress));
    this.#run.report({
      event: "progress",
      name: this.#work.begun.name,
      share: this.#share,
      phase: progress.phase,
    });
  }

  #tellBlocked(blockers: Sight["blockers"], forMs: number, now: number): void {
    this.#toldAt = now;
    this.#isBlockTold = true;
    const text = `blocked by ${blockers.map(blockerText).join("; ")} (for ${duration(forMs)})`;
    this.#run.report({ event: "blocked", name: this.#work.begun.name, text, blockers });
  }
}

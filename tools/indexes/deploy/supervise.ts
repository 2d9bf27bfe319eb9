import { setTimeout as sleep } from "node:timers/promises";
import { type Blocker, blockerText } from "./blocker.ts";
import { CANCEL_AGAIN_MS, GONE_AFTER_MS, WATCH_EVERY_MS } from "./constants.ts";
import { type FailureKind, failureOf } from "./failureOf.ts";
import type { Session } from "./session.ts";
import { look, type Sight } from "./sight.ts";

export interface Supervised {
  readonly builder: Session;
  readonly observer: Session;
  /** What the builder does; its statements are cancelled where it has to give way. */
  readonly work: () => Promise<unknown>;
  /** The oid of the table that it locks. */
  readonly table: number | undefined;
  readonly waitBudgetMs: number;
  readonly signal: AbortSignal;
  readonly onSight: (sight: Sight) => void;
}

/** How a statement ended; what it did to the catalogue is not said here, that is observed. */
export type Ended =
  | { readonly kind: "finished" }
  | { readonly kind: "interrupted" }
  /** We cancelled our own statement: `why` is who stood in the way, or who we held up. */
  | { readonly kind: "gave-way"; readonly why: string }
  | { readonly kind: "failed"; readonly failure: FailureKind; readonly error: Error };

/**
 * Runs the builder's work while a second connection watches it. Over the wait budget, or when a statement
 * that would hold up writers waits for us, our own backend is cancelled; nobody else's ever is.
 */
export async function supervise(work: Supervised): Promise<Ended> {
  const { builder, observer, table, signal, onSight } = work;
  let settled: { error?: Error } | undefined;
  const done = work.work().then(
    () => {
      settled = {};
    },
    (error: Error) => {
      settled = { error };
    },
  );
  const patience = new Patience(work.waitBudgetMs);
  let reason: Ended | undefined;
  let cancelledAt = Number.NEGATIVE_INFINITY;
  let goneSince: number | undefined;
  while (!settled) {
    await Promise.race([done, sleep(WATCH_EVERY_MS)]);
    if (settled) break;
    const sight = await look(observer, builder.pid, table).catch(() => undefined);
    const now = performance.now();
    if (sight && !settled) onSight(sight);
    if (signal.aborted) reason ??= { kind: "interrupted" };
    reason ??= sight ? patience.reasonToGiveWay(sight, now) : undefined;
    if (sight && sight.heldUp.length > 0) cancelledAt = now; // the look has done it
    if (reason && !settled && now - cancelledAt > CANCEL_AGAIN_MS) {
      cancelledAt = now;
      await observer.ask("SELECT pg_cancel_backend($1)", [builder.pid]).catch(() => {});
    }
    goneSince = sight && !sight.isThere ? (goneSince ?? now) : undefined;
    if (goneSince !== undefined && now - goneSince > GONE_AFTER_MS) builder.destroy();
  }
  await done;
  const { error } = settled;
  if (!error) return { kind: "finished" };
  const failure = failureOf(error);
  if (reason && failure === "cancelled") return reason;
  return signal.aborted && failure === "lost" ? { kind: "interrupted" } : { kind: "failed", failure, error };
}

/** Counts how long one and the same set of transactions has been waited for. */
class Patience {
  readonly #budgetMs: number;
  #since = 0;
  #who = "";

  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  reasonToGiveWay({ blockers, heldUp }: Sight, now: number): Ended | undefined {
    if (heldUp.length > 0) {
      return { kind: "gave-way", why: `${textOf(heldUp)} waited for the build, and writers would have queued behind` };
    }
    const who = blockers.map(({ pid }) => pid).join();
    if (who !== this.#who || who === "") [this.#who, this.#since] = [who, now];
    if (who === "" || now - this.#since <= this.#budgetMs) return undefined;
    return { kind: "gave-way", why: `blocked by ${textOf(blockers)}` };
  }
}

function textOf(blockers: readonly Blocker[]): string {
  return blockers.map(blockerText).join("; ");
}

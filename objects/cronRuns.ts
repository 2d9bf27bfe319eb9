import { type Heartbeat, heartbeats } from "../src/cron/heartbeats.ts";
import { begin, end, lastTimes } from "../src/cron/journal.ts";
import { journalView } from "../src/cron/journalView.ts";
import { readJournal } from "../src/cron/readJournal.ts";
import { beginSchema, endSchema } from "../src/cron/runMessages.ts";
import { NIGHTLY } from "../src/cronTriggers.ts";
import { MAX_REPORT_CHARS } from "../src/rpc/constants.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import type { RowStore } from "./rowStore.ts";

const KEY = "cron-journal";

/** The journal of cron runs in an object's rows. */
export class CronRuns {
  readonly #rows: RowStore;
  /** Read once: each digest is told of them. */
  #heartbeats: readonly Heartbeat[] | undefined;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  begin(text: string, now: number): string {
    const request = readMessage(beginSchema, text, MAX_REPORT_CHARS);
    if (!request) throw new Error("This is no cron run that this version understands.");
    const [journal, grant] = begin(this.#journal(), { ...request, now });
    this.#rows.save([[KEY, JSON.stringify(journal)]]);
    return JSON.stringify({ ...grant, nightly: lastTimes(journal, NIGHTLY) });
  }

  end(text: string, now: number): string {
    const report = readMessage(endSchema, text, MAX_REPORT_CHARS);
    if (!report) throw new Error("This is no cron run that this version understands.");
    this.#rows.save([[KEY, JSON.stringify(end(this.#journal(), { ...report, now }))]]);
    this.#heartbeats = undefined;
    return JSON.stringify({});
  }

  /** How long ago the last run of each cron ended. */
  beats(now: number): { readonly cron: string; readonly endedAgeMs: number }[] {
    this.#heartbeats ??= heartbeats(this.#journal());
    return this.#heartbeats.map(({ cron, endedAt }) => ({ cron, endedAgeMs: Math.max(0, now - endedAt) }));
  }

  view(now: number): string {
    return JSON.stringify(journalView(this.#journal(), now));
  }

  #journal() {
    return readJournal(JSON.parse(this.#rows.rows.get(KEY) ?? "null"));
  }
}

import { MAX_REPORT_CHARS } from "../rpc/constants.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { bulkSchema } from "../rpc/report.ts";
import { TelemetryLedger } from "../telemetry/ledger.ts";
import { type TelemetryData, telemetryDeltaSchema } from "../telemetry/telemetryData.ts";
import { type CheckpointRow, Totals } from "../telemetry/totals.ts";
import { CHECKPOINT_EVERY_MS, MAX_REPORTERS_KNOWN, REPORTER_FORGOTTEN_MS } from "./constants.ts";

interface ReporterBulk {
  /** The last piece merged, and the last one that stands in the checkpoint. */
  seen: number;
  durable: number;
  at: number;
}

const TOTALS = "totals:";
const REPORTER = "bulk:";

/** Where rows go: what `checkpoint` writes, and what it takes away. */
export interface RowSink {
  save(rows: Iterable<readonly [string, string]>): void;
  delete(key: string): void;
}

/**
 * The totals that a Collector keeps: each piece of bulk merged once, and acknowledged only when it stands in storage
 * together with its number. Whatever happens between, the piece comes again or is known: neither lost nor doubled.
 */
export class BulkTotals {
  readonly #sink: RowSink;
  readonly #totals: Totals;
  readonly #reporters = new Map<string, ReporterBulk>();
  /** What the Collector itself counts. */
  readonly own = new TelemetryLedger();
  #checkpointAt = 0;

  constructor(rows: ReadonlyMap<string, string>, sink: RowSink) {
    this.#sink = sink;
    const checkpoint: CheckpointRow[] = [];
    for (const [key, value] of rows) {
      if (key.startsWith(TOTALS)) checkpoint.push({ key: key.slice(TOTALS.length), json: value });
      if (key.startsWith(REPORTER)) this.#restore(key.slice(REPORTER.length), value);
    }
    this.#totals = Totals.restored(checkpoint);
  }

  /** Takes a piece, or none; tells up to where the reporter's are durable, and up to where they are known. */
  take(reporter: string, text: string | undefined, now: number): { ack: number; seen: number } {
    const known = this.#reporters.get(reporter) ?? { seen: 0, durable: 0, at: now };
    if (text === undefined) return { ack: known.durable, seen: known.seen };
    const bulk = readMessage(bulkSchema, text, MAX_REPORT_CHARS);
    if (!bulk) {
      this.own.counter("breakwater_telemetry_dropped_total", { reason: "bulk" }).add();
      return { ack: known.durable, seen: known.seen };
    }
    if (bulk.seq > known.seen) this.#merge(bulk.telemetry);
    const next = { seen: Math.max(known.seen, bulk.seq), durable: known.durable, at: now };
    this.#reporters.set(reporter, next);
    if (now - this.#checkpointAt >= CHECKPOINT_EVERY_MS) this.checkpoint(now);
    return { ack: next.durable, seen: next.seen };
  }

  /** Writes what is not in storage yet: totals and the numbers merged into them, in one transaction. */
  checkpoint(now: number): void {
    const own = this.own.take();
    if (own) this.#totals.merge(own);
    // Written as they are told, and counted as written only then: what storage refuses stays to be written.
    this.#totals.checkpoint(({ key, json }) => this.#sink.save([[`${TOTALS}${key}`, json]]));
    for (const [id, reporter] of this.#reporters) {
      if (reporter.seen <= reporter.durable) continue;
      this.#sink.save([[`${REPORTER}${id}`, JSON.stringify([reporter.seen, reporter.at])]]);
      reporter.durable = reporter.seen;
    }
    this.#forget(now);
    this.#checkpointAt = now;
  }

  /** All that was counted, after it was made durable: a counter that was shown must never step back. */
  data(now: number): TelemetryData {
    this.checkpoint(now);
    return this.#totals.data();
  }

  /** Age of the last checkpoint in milliseconds; null: none since this instance began. */
  checkpointAgeMs(now: number): number | null {
    return this.#checkpointAt === 0 ? null : now - this.#checkpointAt;
  }

  #merge(telemetry: unknown): void {
    const delta = telemetryDeltaSchema.safeParse(telemetry);
    if (delta.success) this.#totals.merge(delta.data);
    else this.own.counter("breakwater_telemetry_dropped_total", { reason: "bulk" }).add();
  }

  #restore(id: string, value: string): void {
    const [seen, at] = JSON.parse(value) as [number, number]; // written by `checkpoint`
    this.#reporters.set(id, { seen, durable: seen, at });
  }

  #forget(now: number): void {
    if (this.#reporters.size === 0) return;
    for (const [id, { at }] of this.#reporters) {
      const isGone = now - at > REPORTER_FORGOTTEN_MS || this.#reporters.size > MAX_REPORTERS_KNOWN;
      if (!isGone) continue;
      this.#reporters.delete(id);
      this.#sink.delete(`${REPORTER}${id}`);
    }
  }
}

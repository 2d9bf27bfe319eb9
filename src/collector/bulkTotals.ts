import * as z from "zod/mini";
import { MAX_REPORT_CHARS } from "../rpc/constants.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { bulkSchema } from "../rpc/report.ts";
import { TelemetryLedger } from "../telemetry/ledger.ts";
import { type TelemetryData, telemetryDeltaSchema } from "../telemetry/telemetryData.ts";
import { type CheckpointRow, Totals } from "../telemetry/totals.ts";
import {
  CHECKPOINT_EVERY_MS,
  CROWDED_CHECKPOINT_EVERY_MS,
  CROWDED_CHECKPOINT_REPORTERS,
  LEAVING_CHECKPOINT_EVERY_MS,
  MAX_REPORTERS_KNOWN,
  REPORTER_FORGOTTEN_MS,
} from "./constants.ts";

interface ReporterBulk {
  /** The last piece merged, and the last one that stands in the checkpoint. */
  seen: number;
  durable: number;
  at: number;
}

/** Each reporter's last piece, and when it came. */
const numbersSchema = z.array(z.tuple([z.string(), z.number().check(z.int(), z.nonnegative()), z.number()]));

const TOTALS = "totals:";
/** One row for all reporters: a row each, written with each piece, would be most of a large site's bill. */
const NUMBERS = "bulk-numbers";

/** Where rows go. `save` writes all of them, or throws and none. */
export interface RowSink {
  save(rows: Iterable<readonly [string, string]>): void;
}

/** Up to where a reporter's pieces are durable, and known; and what is hot by the one that just came, where it says so. */
export interface TakenBulk {
  readonly ack: number;
  readonly seen: number;
  readonly heat?: readonly (readonly [key: string, hits: number])[];
  readonly misses?: readonly (readonly [key: string, misses: number, waitedMs: number])[];
}

/**
 * The totals that a Collector keeps: each piece of bulk merged once, and acknowledged only when it stands in storage
 * together with its number. Whatever happens between, the piece comes again or is known: neither lost nor doubled. A
 * reporter has one piece under way at a time: acknowledging a later one acknowledges all before it.
 */
export class BulkTotals {
  readonly #sink: RowSink;
  readonly #totals: Totals;
  /** In order of their last piece, the oldest first. */
  readonly #reporters = new Map<string, ReporterBulk>();
  /** Rows that storage has not taken yet: the totals themselves think of them as written. */
  readonly #unsaved = new Map<string, string>();
  /** Somebody's last piece is not in storage yet. */
  #hasUndurable = false;
  /** Something came since the last checkpoint. */
  #hasNews = false;
  /** What the Collector itself counts. */
  readonly own = new TelemetryLedger();
  #checkpointAt = 0;

  constructor(rows: ReadonlyMap<string, string>, sink: RowSink) {
    this.#sink = sink;
    const checkpoint: CheckpointRow[] = [];
    for (const [key, value] of rows) {
      if (key.startsWith(TOTALS)) checkpoint.push({ key: key.slice(TOTALS.length), json: value });
    }
    const numbers = readMessage(numbersSchema, rows.get(NUMBERS), Number.POSITIVE_INFINITY) ?? [];
    for (const [id, seen, at] of numbers) this.#reporters.set(id, { seen, durable: seen, at });
    this.#totals = Totals.restored(checkpoint);
  }

  /**
   * Takes a piece, or none (`isLeaving`: the reporter waits only for what it owes here); tells up to where the reporter's
   * are durable, and up to where they are known; and the heat and misses of a piece that was not known. Never throws: what storage
   * does not take is not acknowledged. Heat is not stored: a piece that comes again after an eviction tells it again.
   */
  take(reporter: string, text: string | undefined, now: number, isLeaving = false): TakenBulk {
    const bulk = text === undefined ? undefined : readMessage(bulkSchema, text, MAX_REPORT_CHARS);
    const isNew = bulk !== undefined && this.#takePiece(reporter, bulk, now);
    if (!bulk && text !== undefined) this.#dropped();
    if (this.#hasNews && Math.abs(now - this.#checkpointAt) >= this.#everyMs(isLeaving)) {
      try {
        this.checkpoint(now);
      } catch {
        // Storage is full, or away: `checkpointAgeMs` tells it, and senders keep what is theirs.
      }
    }
    const { durable = 0, seen = 0 } = this.#reporters.get(reporter) ?? {};
    const { heat, misses } = isNew ? bulk : {};
    return { ack: durable, seen, ...(heat && { heat }), ...(misses && { misses }) };
  }

  /** Writes what is not in storage yet: totals and the numbers merged into them, as one. Throws what storage throws. */
  checkpoint(now: number): void {
    const own = this.own.take();
    if (own) this.#totals.merge(own);
    this.#totals.checkpoint(({ key, json }) => this.#unsaved.set(`${TOTALS}${key}`, json));
    this.#forget(now);
    if (this.#hasUndurable) {
      const numbers = Array.from(this.#reporters, ([id, { seen, at }]) => [id, seen, at]);
      this.#unsaved.set(NUMBERS, JSON.stringify(numbers));
    }
    this.#sink.save(this.#unsaved);
    this.#unsaved.clear();
    for (const reporter of this.#reporters.values()) reporter.durable = reporter.seen;
    this.#hasUndurable = false;
    this.#hasNews = false;
    this.#checkpointAt = now;
  }

  /** All that was counted, after it was made durable: a counter that was shown must never step back. */
  data(now: number): TelemetryData {
    this.checkpoint(now);
    return this.#totals.data();
  }

  /** Age of the last checkpoint in milliseconds; null: none since this instance began. */
  checkpointAgeMs(now: number): number | null {
    return this.#checkpointAt === 0 ? null : Math.max(0, now - this.#checkpointAt);
  }

  #everyMs(isLeaving: boolean): number {
    if (this.#reporters.size <= CROWDED_CHECKPOINT_REPORTERS) return CHECKPOINT_EVERY_MS;
    return isLeaving ? LEAVING_CHECKPOINT_EVERY_MS : CROWDED_CHECKPOINT_EVERY_MS;
  }

  /** Whether it was not known. */
  #takePiece(id: string, { seq, telemetry }: z.output<typeof bulkSchema>, now: number): boolean {
    const { seen = 0, durable = 0 } = this.#reporters.get(id) ?? {};
    if (seq > seen) {
      if (telemetry !== undefined) this.#merge(telemetry);
      this.#hasUndurable = true;
      this.#hasNews = true;
    }
    this.#reporters.delete(id);
    this.#reporters.set(id, { seen: Math.max(seen, seq), durable, at: now });
    return seq > seen;
  }

  #merge(telemetry: unknown): void {
    const delta = telemetryDeltaSchema.safeParse(telemetry);
    if (delta.success) this.#totals.merge(delta.data);
    else this.#dropped();
  }

  #dropped(): void {
    this.own.counter("breakwater_telemetry_dropped_total", { reason: "bulk" }).add();
  }

  /** Those that were silent for an hour, and the longest silent of too many: never one whose piece just came. */
  #forget(now: number): void {
    for (const [id, { at }] of this.#reporters) {
      if (now - at <= REPORTER_FORGOTTEN_MS && this.#reporters.size <= MAX_REPORTERS_KNOWN) return;
      this.#reporters.delete(id); // from its row with the next checkpoint
    }
  }
}

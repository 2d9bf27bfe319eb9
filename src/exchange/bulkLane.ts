import {
  BULK_GAP_MS,
  BULK_INCIDENT_GAP_MS,
  MAX_BULK_AGE_MS,
  MAX_BULK_CHARS,
  MAX_BULK_HEAT,
  MAX_BULK_MISSES,
  MAX_HEAT_CHARS,
  MAX_HEAT_KEY_CHARS,
  MAX_MISSES_CHARS,
} from "./constants.ts";

interface PendingBulk {
  readonly seq: number;
  readonly text: string;
  /** The Collector it was sent to: another one could not know whether that one merged it. */
  readonly collector: string;
  readonly takenAt: number;
  /** That Collector has it in memory: it need not be sent again for now. */
  isSeen: boolean;
}

/** Where bulk comes from: takes what there is, at most so long as JSON; undefined: nothing. */
export type BulkSource = (maxChars: number) => unknown;

/** The hottest keys since they were taken last, and how often each came: hottest first. */
type Heat = readonly (readonly [key: string, hits: number])[];

/** The keys that visitors waited for longest since they were taken last: dearest first. */
type Misses = readonly (readonly [key: string, misses: number, waitedMs: number])[];

/** Where heat comes from: takes what there is; undefined: nobody counts any. What finds no room in the piece is lost. */
export interface HeatSource {
  take(): Heat | undefined;
  takeMisses?(): Misses | undefined;
}

export interface BulkOccasion {
  readonly now: number;
  /** Something is not well: other news come first. */
  readonly isIncident: boolean;
  /** Whoever reads the metrics is waiting. */
  readonly eager: boolean;
  /** False: only what is under way may be sent, since this isolate reports to another than its own Collector for a while. */
  readonly mayBegin: boolean;
}

/**
 * The sparse lane: histograms, counters, heat. One piece is under way at a time, kept until its Collector has it in
 * storage, and sent again where the Collector forgot it: nothing is lost, nothing counted twice. A second one under way
 * would be taken for all there is by a Collector that forgot the first. What is counted meanwhile adds up at the source.
 */
export class BulkLane {
  readonly #source: BulkSource;
  readonly #heat: HeatSource | undefined;
  #pending: PendingBulk | undefined;
  #seq = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Pieces given up: their Collector could not be reached for so long that it may not know them any more. */
  lost = 0;

  constructor(source: BulkSource, heat?: HeatSource) {
    this.#source = source;
    this.#heat = heat;
  }

  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** What to send along to this Collector, or undefined. */
  next(collector: string, { now, isIncident, eager, mayBegin }: BulkOccasion): string | undefined {
    this.#giveUp(now);
    const gapMs = isIncident ? BULK_INCIDENT_GAP_MS : BULK_GAP_MS;
    const isDue = eager || Math.abs(now - this.#sentAt) >= gapMs;
    if (!this.#pending && isDue && mayBegin) this.#take(collector, now);
    const piece = this.#pending;
    // Sent again at the pace of new ones, a piece that is merely in memory makes its Collector write it down.
    if (piece?.collector !== collector || (piece.isSeen && !isDue)) return undefined;
    this.#sentAt = now;
    return piece.text;
  }

  /** The Collector's word: durable up to `ack`, known up to `seen`. */
  heard(collector: string, ack: number, seen: number): void {
    if (this.#pending?.collector !== collector) return;
    if (ack >= this.#pending.seq) this.#pending = undefined;
    else this.#pending.isSeen = seen >= this.#pending.seq;
  }

  #take(collector: string, now: number): void {
    const heat = fitting(this.#heat?.take() ?? [], MAX_BULK_HEAT, MAX_HEAT_CHARS);
    const misses = fitting(this.#heat?.takeMisses?.() ?? [], MAX_BULK_MISSES, MAX_MISSES_CHARS);
    const keys = { ...(heat.length > 0 && { heat }), ...(misses.length > 0 && { misses }) };
    const isNone = heat.length + misses.length === 0;
    const telemetry = this.#source(MAX_BULK_CHARS - (isNone ? 0 : JSON.stringify(keys).length));
    if (telemetry === undefined && isNone) return;
    const seq = ++this.#seq;
    const text = JSON.stringify({ seq, telemetry, ...keys });
    this.#pending = { seq, text, collector, takenAt: now, isSeen: false };
  }

  #giveUp(now: number): void {
    if (!this.#pending || Math.abs(now - this.#pending.takenAt) < MAX_BULK_AGE_MS) return;
    this.#pending = undefined;
    this.lost++;
  }
}

/** The first of them, as many as there is room for; the last number is what they weigh. */
function fitting<Each extends readonly [key: string, ...numbers: number[]]>(
  all: readonly Each[],
  most: number,
  maxChars: number,
): readonly Each[] {
  let chars = 2;
  const told: Each[] = [];
  for (const each of all) {
    if (each.at(-1) === 0 || each[0].length > MAX_HEAT_KEY_CHARS) continue;
    chars += JSON.stringify(each).length + 1;
    if (told.length >= most || chars > maxChars) break;
    told.push(each);
  }
  return told;
}

import { BULK_GAP_MS, BULK_INCIDENT_GAP_MS, MAX_BULK_CHARS, MAX_PENDING_BULK } from "./constants.ts";

interface PendingBulk {
  readonly seq: number;
  readonly text: string;
  /** The Collector it was first sent to: another one could not know whether that one merged it. */
  readonly collector: string;
}

/** Where bulk comes from: takes what there is, at most so long as JSON; undefined: nothing. */
export type BulkSource = (maxChars: number) => unknown;

/**
 * The sparse lane: histograms, counters, heat. Each piece is kept until its Collector has it in storage, and sent again
 * where the Collector says that it has forgotten it: nothing is lost, nothing counted twice.
 */
export class BulkLane {
  readonly #source: BulkSource;
  #pending: PendingBulk[] = [];
  #seq = 0;
  #takenAt = Number.NEGATIVE_INFINITY;
  /** Up to where each Collector said it knows ours. */
  #seen = 0;
  #seenBy = "";

  constructor(source: BulkSource) {
    this.#source = source;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** What to send along to this Collector, or undefined. `eager`: whoever reads the metrics is waiting. */
  next(collector: string, now: number, isIncident: boolean, eager: boolean): string | undefined {
    const seen = this.#seenBy === collector ? this.#seen : 0;
    const again = this.#pending.find((piece) => piece.collector === collector && piece.seq > seen);
    if (again) return again.text;
    const gapMs = isIncident ? BULK_INCIDENT_GAP_MS : BULK_GAP_MS;
    if (this.#pending.length >= MAX_PENDING_BULK || (!eager && now - this.#takenAt < gapMs)) return undefined;
    const telemetry = this.#source(MAX_BULK_CHARS);
    if (telemetry === undefined) return undefined;
    this.#takenAt = now;
    this.#seq++;
    const text = JSON.stringify({ seq: this.#seq, telemetry });
    this.#pending.push({ seq: this.#seq, text, collector });
    return text;
  }

  /** The Collector's word: durable up to `ack`, known up to `seen`. */
  heard(collector: string, ack: number, seen: number): void {
    this.#pending = this.#pending.filter((piece) => piece.collector !== collector || piece.seq > ack);
    this.#seenBy = collector;
    this.#seen = seen;
  }
}

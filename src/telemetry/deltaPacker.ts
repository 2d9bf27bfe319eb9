import { bytesOf } from "./bytesOf.ts";
import { CATALOGUE, type MetricName } from "./catalogue.ts";
import type { LedgerCounter } from "./ledgerCounter.ts";
import type { LedgerHistogram } from "./ledgerHistogram.ts";
import type { CounterEntry, HistogramEntry, TelemetryData } from "./telemetryData.ts";

/** A comma between two elements; charged for each of them, so the size is never understated. */
const COMMA_BYTES = 1;

interface Family<Entry> {
  readonly metric: string;
  readonly labels: string[];
  readonly series: Entry[];
}

/** Fills one delta with series, family by family, until it is as long as it may be. */
export class DeltaPacker {
  readonly #delta: TelemetryData = { counters: [], histograms: [] };
  readonly #packed: { readonly series: LedgerHistogram; readonly entry: HistogramEntry }[] = [];
  #room: number;

  constructor(maxBytes: number) {
    this.#room = maxBytes - bytesOf(this.#delta);
  }

  /** Packs what the series holds: all of it, as much as fits, or none. */
  pack(metric: MetricName, series: LedgerCounter | LedgerHistogram): "all" | "part" | "none" {
    const entry = series.kind === "counter" ? this.#packCounter(metric, series) : this.#packHistogram(metric, series);
    if (!entry) return "none";
    return series.isEmpty ? "all" : "part";
  }

  /** Exemplars have what room is left, another series first each `turn`: they help to look, and count for nothing. */
  packExemplars(turn: number): void {
    const count = this.#packed.length;
    for (let at = 0; at < count; at++) {
      const packed = this.#packed[(turn + at) % count];
      const exemplar = packed?.series.takeExemplar(this.#room - COMMA_BYTES);
      if (!exemplar) continue;
      packed?.entry[3].push(exemplar);
      this.#room -= bytesOf(exemplar) + COMMA_BYTES;
    }
  }

  /** The delta; undefined when nothing is in it. */
  get delta(): TelemetryData | undefined {
    return this.#delta.counters.length + this.#delta.histograms.length > 0 ? this.#delta : undefined;
  }

  #packCounter(metric: MetricName, series: LedgerCounter): CounterEntry | undefined {
    return this.#into(this.#delta.counters, metric, (room) => series.take(room));
  }

  #packHistogram(metric: MetricName, series: LedgerHistogram): HistogramEntry | undefined {
    const entry = this.#into(this.#delta.histograms, metric, (room) => series.take(room));
    if (entry) this.#packed.push({ series, entry });
    return entry;
  }

  #into<Entry>(
    families: Family<Entry>[],
    metric: MetricName,
    take: (roomBytes: number) => Entry | undefined,
  ): Entry | undefined {
    const last = families.at(-1);
    const isOpen = last?.metric === metric;
    const family: Family<Entry> = isOpen ? last : { metric, labels: Object.keys(CATALOGUE[metric].labels), series: [] };
    const headBytes = COMMA_BYTES + (isOpen ? 0 : bytesOf(family) + COMMA_BYTES);
    const entry = take(this.#room - headBytes);
    if (entry === undefined) return undefined;
    if (!isOpen) families.push(family);
    family.series.push(entry);
    this.#room -= headBytes + bytesOf(entry);
    return entry;
  }
}

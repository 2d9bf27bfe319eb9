import type { CounterName, HistogramName, LabelsOf, MetricName } from "./catalogue.ts";
import { DELTA_MAX_BYTES } from "./constants.ts";
import { DeltaPacker } from "./deltaPacker.ts";
import { Dimensions, type KnownValues } from "./dimensions.ts";
import { type Counter, LedgerCounter } from "./ledgerCounter.ts";
import { type DurationHistogram, LedgerHistogram } from "./ledgerHistogram.ts";
import { SeriesBook } from "./seriesBook.ts";
import type { TelemetryData } from "./telemetryData.ts";

/**
 * What happened in this isolate and no Collector was told yet. Series are made at their first use; the catalogue and
 * the dimensions bound how many there can be.
 *
 * @example
 * const answered = ledger.counter("breakwater_http_requests_total", { route: "/api/pitches", status_class: "2xx" });
 * answered.add();
 */
export class TelemetryLedger {
  readonly #counters: SeriesBook<LedgerCounter>;
  readonly #histograms: SeriesBook<LedgerHistogram>;
  #takes = 0;
  /** Where the next delta begins: at the first that the last one had no room for. */
  #first: LedgerCounter | LedgerHistogram | undefined;

  constructor(known: KnownValues = {}) {
    const dimensions = new Dimensions(known);
    const onUnknown = () => this.#dropped("labels");
    const onInvalid = () => this.#dropped("value");
    this.#counters = new SeriesBook({
      dimensions,
      create: (values) => new LedgerCounter(values, onInvalid),
      onUnknown,
    });
    this.#histograms = new SeriesBook({ dimensions, create: (values) => new LedgerHistogram(values), onUnknown });
  }

  /** The counter with these labels. Keep it where they are fixed: to find it costs several times an increment. */
  counter<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): Counter {
    return this.#counters.series(name, texts(labels));
  }

  /** The histogram with these labels. Keep it, as above. */
  histogram<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>): DurationHistogram {
    return this.#histograms.series(name, texts(labels));
  }

  /**
   * Takes out what was counted since, as far as it fits in `maxBytes` of JSON (give it 500 at least: one series must
   * fit); the rest comes first the next time. Undefined when there is nothing. The ledger forgets what it gave: the
   * sender keeps it until it is acknowledged.
   */
  take(maxBytes: number = DELTA_MAX_BYTES): TelemetryData | undefined {
    const packer = new DeltaPacker(maxBytes);
    const all = [...this.#counters.list(), ...this.#histograms.list()];
    const start = all.findIndex(({ series }) => series === this.#first);
    const ring = start < 0 ? all : [...all.slice(start), ...all.slice(0, start)];
    this.#first = undefined;
    for (const [at, { metric, series }] of ring.entries()) {
      const packed = series.isEmpty ? "all" : packer.pack(metric, series);
      if (packed === "all") continue;
      // A series that had part of its say waits for its next turn: it could fill every delta alone.
      this.#first = packed === "part" ? ring[at + 1]?.series : series;
      break;
    }
    packer.packExemplars(this.#takes++);
    return packer.delta;
  }

  #dropped(reason: LabelsOf<"breakwater_telemetry_dropped_total">["reason"]): void {
    this.counter("breakwater_telemetry_dropped_total", { reason }).add();
  }
}

/** The compiler does not see through `LabelsOf` of a name it does not know yet: each of its values is a text. */
function texts<Name extends MetricName>(labels: LabelsOf<Name>): Readonly<Record<string, string>> {
  return labels as Readonly<Record<string, string>>;
}

import { isMetricName } from "./catalogue.ts";
import { COUNTER_SERIES_PER_ROW, HISTOGRAM_SERIES_PER_ROW } from "./constants.ts";
import { Dimensions } from "./dimensions.ts";
import { type CounterEntry, type HistogramEntry, type TelemetryData, telemetryDataSchema } from "./telemetryData.ts";
import { totalCounter, totalHistogram } from "./totalSeries.ts";
import { type DropReason, type Intake, TotalsBook } from "./totalsBook.ts";

/** A row of a checkpoint: under 100 KB of JSON, to be written over the row that has the same key. */
export interface CheckpointRow {
  readonly key: string;
  readonly json: string;
}

/**
 * Everything that was ever counted, as far as its holder was told. It only grows: restored from a checkpoint it goes on
 * from there. What is scraped must stand in the checkpoint first, else an eviction lets counters step back, which
 * Prometheus takes for a restart and counts a second time.
 */
export class Totals {
  readonly #counters: TotalsBook<CounterEntry>;
  readonly #histograms: TotalsBook<HistogramEntry>;

  constructor() {
    const dimensions = new Dimensions();
    this.#counters = new TotalsBook({
      kind: "counter",
      dimensions,
      seriesPerRow: COUNTER_SERIES_PER_ROW,
      create: totalCounter,
    });
    this.#histograms = new TotalsBook({
      kind: "histogram",
      dimensions,
      seriesPerRow: HISTOGRAM_SERIES_PER_ROW,
      create: totalHistogram,
    });
  }

  /**
   * The totals that the rows of a checkpoint hold, in any order. What cannot be read is left out, counted, and written
   * over at the next checkpoint; rows of metrics unknown here stay for the version that knows them.
   */
  static restored(rows: Iterable<CheckpointRow>): Totals {
    const totals = new Totals();
    let unreadable = 0;
    for (const row of rows) unreadable += totals.#restore(row);
    totals.#drop("checkpoint", unreadable);
    return totals;
  }

  /** Merges a delta that passed `telemetryDeltaSchema`; each must come once. What is unknown here is counted as that. */
  merge(delta: TelemetryData): void {
    this.#take(delta, { labels: "fit", onDrop: (reason, entries) => this.#drop(reason, entries) });
  }

  /** Adds what other totals hold. What is unknown here is passed over: it is still held there. */
  add(data: TelemetryData): void {
    this.#take(data, { labels: "keep", onDrop: () => {} });
  }

  /** Whether anything is not in the checkpoint yet. */
  get isDirty(): boolean {
    return this.#counters.isDirty || this.#histograms.isDirty;
  }

  /** Gives each row that changed to `store`. Where that throws, the row and those after it stay to be written. */
  checkpoint(store: (row: CheckpointRow) => void): void {
    this.#counters.checkpoint((metric, row, counters) =>
      store({ key: `${metric}#${row}`, json: JSON.stringify({ counters, histograms: [] }) }),
    );
    this.#histograms.checkpoint((metric, row, histograms) =>
      store({ key: `${metric}#${row}`, json: JSON.stringify({ counters: [], histograms }) }),
    );
  }

  /** All of it, as plain data. */
  data(): TelemetryData {
    return { counters: this.#counters.data(), histograms: this.#histograms.data() };
  }

  #take(data: TelemetryData, intake: Intake): void {
    this.#counters.take(data.counters, intake);
    this.#histograms.take(data.histograms, intake);
  }

  /** How much of the row could not be read. */
  #restore({ key, json }: CheckpointRow): number {
    const { metric, row } = /^(?<metric>\w+)#(?<row>\d{1,4})$/.exec(key)?.groups ?? {};
    if (metric === undefined || !isMetricName(metric)) return 0;
    const data = parsed(json);
    let unreadable = data ? 0 : 1;
    const restoredRow = Number(row);
    const onDrop = (_reason: DropReason, entries: number) => {
      unreadable += entries;
    };
    if (data) this.#take(data, { labels: "keep", restoredRow, onDrop });
    if (unreadable > 0) {
      this.#counters.touch(metric, restoredRow);
      this.#histograms.touch(metric, restoredRow);
    }
    return unreadable;
  }

  #drop(reason: DropReason, entries: number): void {
    if (entries === 0) return;
    const series: CounterEntry[] = [[[reason], entries]];
    this.#counters.take([{ metric: "breakwater_telemetry_dropped_total", labels: ["reason"], series }], {
      labels: "keep",
      onDrop: () => {},
    });
  }
}

function parsed(json: string): TelemetryData | undefined {
  try {
    return telemetryDataSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

import { CATALOGUE, isMetricName, type LabelsOf, type Metric, type MetricName } from "./catalogue.ts";
import type { Dimensions } from "./dimensions.ts";
import { TotalsFamily, type TotalsFamilyOptions } from "./totalsFamily.ts";

/** One metric's series as plain data. */
interface FamilyData<Entry> {
  readonly metric: string;
  readonly labels: string[];
  readonly series: Entry[];
}

export type DropReason = LabelsOf<"breakwater_telemetry_dropped_total">["reason"];

/** How entries are taken in. */
export interface Intake {
  /** `fit`: bounds the labels. `keep`: they were bounded by whoever counted them. */
  readonly labels: "fit" | "keep";
  /** The row of storage they come from; undefined: they are news. */
  readonly restoredRow?: number;
  /** Told of entries that are unknown here. */
  readonly onDrop: (reason: DropReason, entries: number) => void;
}

interface TotalsBookOptions<Entry> extends TotalsFamilyOptions<Entry> {
  readonly kind: Metric["kind"];
  readonly dimensions: Dimensions;
}

/** The families of one kind that totals hold. */
export class TotalsBook<Entry extends readonly [values: string[], ...rest: unknown[]]> {
  readonly #options: TotalsBookOptions<Entry>;
  readonly #families = new Map<MetricName, TotalsFamily<Entry>>();

  constructor(options: TotalsBookOptions<Entry>) {
    this.#options = options;
  }

  take(families: readonly FamilyData<Entry>[], intake: Intake): void {
    for (const { metric, labels, series } of families) {
      if (!this.#isOurs(metric)) intake.onDrop("metric", series.length);
      else if (labels.join() !== Object.keys(CATALOGUE[metric].labels).join()) intake.onDrop("labels", series.length);
      else for (const entry of series) this.#takeEntry(metric, entry, intake);
    }
  }

  /** Has a row of storage written again at the next checkpoint. */
  touch(metric: string, rowNumber: number): void {
    if (this.#isOurs(metric)) this.#family(metric).touch(rowNumber);
  }

  get isDirty(): boolean {
    return [...this.#families.values()].some((family) => family.isDirty);
  }

  checkpoint(store: (metric: MetricName, rowNumber: number, families: FamilyData<Entry>[]) => void): void {
    for (const [metric, family] of this.#families) {
      family.checkpoint((rowNumber, entries) => store(metric, rowNumber, [familyData(metric, entries)]));
    }
  }

  data(): FamilyData<Entry>[] {
    return [...this.#families].map(([metric, family]) => familyData(metric, family.entries()));
  }

  #takeEntry(metric: MetricName, entry: Entry, { labels, restoredRow, onDrop }: Intake): void {
    const values = this.#options.dimensions[labels](metric, entry[0]);
    if (!values) onDrop("labels", 1);
    else if (restoredRow === undefined) this.#family(metric).add(values, entry);
    else this.#family(metric).restore(values, entry, restoredRow);
  }

  #isOurs(metric: string): metric is MetricName {
    return isMetricName(metric) && CATALOGUE[metric].kind === this.#options.kind;
  }

  #family(metric: MetricName): TotalsFamily<Entry> {
    const held = this.#families.get(metric);
    if (held) return held;
    const family = new TotalsFamily(this.#options);
    this.#families.set(metric, family);
    return family;
  }
}

function familyData<Entry>(metric: MetricName, series: Entry[]): FamilyData<Entry> {
  return { metric, labels: Object.keys(CATALOGUE[metric].labels), series };
}

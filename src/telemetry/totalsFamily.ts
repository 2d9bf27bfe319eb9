import { LabelTree } from "./labelTree.ts";
import type { TotalSeries } from "./totalSeries.ts";

export interface TotalsFamilyOptions<Entry> {
  readonly seriesPerRow: number;
  readonly create: (values: string[]) => TotalSeries<Entry>;
}

interface Row<Entry> {
  readonly series: TotalSeries<Entry>[];
  isDirty: boolean;
}

/**
 * The series of one metric, in the rows they are kept in. A series stays in its row for ever: one that moved would be
 * read back from both.
 */
export class TotalsFamily<Entry> {
  readonly #options: TotalsFamilyOptions<Entry>;
  readonly #tree = new LabelTree<{ readonly series: TotalSeries<Entry>; readonly row: Row<Entry> }>();
  readonly #rows = new Map<number, Row<Entry>>();

  constructor(options: TotalsFamilyOptions<Entry>) {
    this.#options = options;
  }

  /** Adds what is new. */
  add(values: string[], entry: Entry): void {
    const { series, row } = this.#tree.find(values) ?? this.#place(values, this.#rowWithRoom());
    series.add(entry);
    row.isDirty = true;
  }

  /** Adds what the row with this number holds in storage. */
  restore(values: string[], entry: Entry, rowNumber: number): void {
    const { series } = this.#tree.find(values) ?? this.#place(values, this.#row(rowNumber));
    series.add(entry);
  }

  /** Has the row written again: what stands in storage is not what was made of it. */
  touch(rowNumber: number): void {
    this.#row(rowNumber).isDirty = true;
  }

  get isDirty(): boolean {
    return [...this.#rows.values()].some((row) => row.isDirty);
  }

  /** Gives each changed row to `store`, and counts it as kept once that returned. */
  checkpoint(store: (rowNumber: number, entries: Entry[]) => void): void {
    for (const [rowNumber, row] of this.#rows) {
      if (!row.isDirty) continue;
      store(rowNumber, entriesOf(row));
      row.isDirty = false;
    }
  }

  entries(): Entry[] {
    return [...this.#rows.values()].flatMap(entriesOf);
  }

  #place(values: string[], row: Row<Entry>) {
    const placed = { series: this.#options.create(values), row };
    row.series.push(placed.series);
    this.#tree.set(values, placed);
    return placed;
  }

  #rowWithRoom(): Row<Entry> {
    const last = Math.max(0, ...this.#rows.keys());
    const row = this.#row(last);
    return row.series.length < this.#options.seriesPerRow ? row : this.#row(last + 1);
  }

  #row(rowNumber: number): Row<Entry> {
    const held = this.#rows.get(rowNumber);
    if (held) return held;
    const row: Row<Entry> = { series: [], isDirty: false };
    this.#rows.set(rowNumber, row);
    return row;
  }
}

function entriesOf<Entry>({ series }: Row<Entry>): Entry[] {
  return series.map((one) => one.entry());
}

import type { ObjectTally } from "./tally.ts";

/** An object's storage, which outlives its instances: rows of text, and the time of its one alarm. */
export class Disk {
  readonly rows = new Map<string, string>();
  alarmAt: number | undefined;
}

/** What one instance sees of its object's storage, as `RowStore` and `AlarmClock` do. Once dead it changes nothing. */
export class StoredRows {
  readonly #disk: Disk;
  readonly #tally: ObjectTally;
  readonly #armed: (at: number) => void;
  isAlive = true;
  /** When the alarm rings, as far as this instance knows. */
  #alarmAt: number | undefined;

  constructor(disk: Disk, tally: ObjectTally, armed: (at: number) => void) {
    this.#disk = disk;
    this.#tally = tally;
    this.#armed = armed;
  }

  get rows(): ReadonlyMap<string, string> {
    return this.#disk.rows;
  }

  save(rows: Iterable<readonly [string, string]>): void {
    if (!this.isAlive) return;
    for (const [key, value] of rows) {
      if (this.#disk.rows.get(key) === value) continue;
      this.#tally.rows++;
      this.#disk.rows.set(key, value);
    }
  }

  rang(): void {
    this.#alarmAt = undefined;
  }

  /** Must ring at `at` at the latest; undefined: need not, and what this instance set is taken back. */
  mustRing(at: number | undefined, now: number): void {
    if (at === undefined) {
      if (this.#alarmAt !== undefined && this.isAlive) this.#disk.alarmAt = undefined;
      this.#alarmAt = undefined;
      return;
    }
    if (this.#alarmAt !== undefined && this.#alarmAt > now && this.#alarmAt <= at) return;
    this.setAlarm(at);
  }

  setAlarm(at: number): void {
    if (!this.isAlive) return;
    this.#alarmAt = at;
    this.#tally.rows++;
    this.#disk.alarmAt = at;
    this.#armed(at);
  }
}

/** What the platform would bill of one object. */
export interface ObjectTally {
  /** Calls of it, and its own alarms. */
  calls: number;
  alarms: number;
  /** Rows written; setting an alarm is one. */
  rows: number;
  /** Milliseconds within which at least one event was under way. */
  activeMs: number;
  /** By second of virtual time. */
  readonly bySecond: Map<number, number>;
}

/** Counts invocations and rows, object by object. */
export class Tally {
  readonly #objects = new Map<string, ObjectTally>();

  of(name: string): ObjectTally {
    const known = this.#objects.get(name);
    if (known) return known;
    const made: ObjectTally = { calls: 0, alarms: 0, rows: 0, activeMs: 0, bySecond: new Map() };
    this.#objects.set(name, made);
    return made;
  }

  called(name: string, now: number, isAlarm = false): void {
    const tally = this.of(name);
    if (isAlarm) tally.alarms++;
    else tally.calls++;
    const second = Math.floor(now / 1_000);
    tally.bySecond.set(second, (tally.bySecond.get(second) ?? 0) + 1);
  }

  /** Calls and alarms of all objects whose names begin so. */
  calls(prefix = ""): number {
    return this.#sum(prefix, ({ calls, alarms }) => calls + alarms);
  }

  rows(prefix = ""): number {
    return this.#sum(prefix, ({ rows }) => rows);
  }

  activeMs(prefix = ""): number {
    return this.#sum(prefix, ({ activeMs }) => activeMs);
  }

  /** Calls and alarms of an object in its busiest second, and a second in the busiest ten. */
  busiest(name: string): { second: number; ofTen: number } {
    const { bySecond } = this.of(name);
    const of = (second: number) => bySecond.get(second) ?? 0;
    const ten = (from: number) => Array.from({ length: 10 }, (_, at) => of(from + at)).reduce((a, b) => a + b, 0);
    const seconds = [...bySecond.keys()];
    return { second: Math.max(0, ...seconds.map(of)), ofTen: Math.max(0, ...seconds.map(ten)) / 10 };
  }

  names(): string[] {
    return [...this.#objects.keys()];
  }

  clear(): void {
    for (const tally of this.#objects.values()) {
      Object.assign(tally, { calls: 0, alarms: 0, rows: 0, activeMs: 0 });
      tally.bySecond.clear();
    }
  }

  #sum(prefix: string, of: (tally: ObjectTally) => number): number {
    return [...this.#objects]
      .filter(([name]) => name.startsWith(prefix))
      .reduce((sum, [, tally]) => sum + of(tally), 0);
  }
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_CRONS, MAX_DETAIL_CHARS, MAX_NOTE_CHARS, MAX_REGRANTS, MAX_RUNS } from "../../../../src/cron/constants.ts";
import { begin, type CronJournal, EMPTY_JOURNAL, end } from "../../../../src/cron/journal.ts";
import { journalView } from "../../../../src/cron/journalView.ts";
import { readJournal } from "../../../../src/cron/readJournal.ts";

const LEASE_MS = 10;

/** A grant as its runner knows it, and what the world knows of how it ended. */
interface Held {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly runner: string;
  readonly grantedAt: number;
  ended: "ok" | "failed" | "skipped" | undefined;
}

/** What the journal must know of the world, kept in the plainest way: every grant there ever was. */
interface Model {
  now: number;
  readonly grants: Held[];
  strayEnds: number;
}

interface Real {
  journal: CronJournal;
}

const isLive = (held: Held, now: number) => held.ended === undefined && now < held.grantedAt + LEASE_MS;

class Deliver implements fc.Command<Model, Real> {
  readonly #cron: string;
  readonly #scheduledTime: number;

  constructor(cron: string, scheduledTime: number) {
    this.#cron = cron;
    this.#scheduledTime = scheduledTime;
  }
  check = () => true;
  run(model: Model, real: Real): void {
    const request = { cron: this.#cron, scheduledTime: this.#scheduledTime, now: model.now, leaseMs: LEASE_MS };
    const runner = `runner ${model.grants.length}`;
    const mine = model.grants.filter(({ cron }) => cron === this.#cron);
    const same = mine.filter(({ scheduledTime }) => scheduledTime === this.#scheduledTime);
    const [journal, grant] = begin(real.journal, { ...request, runner });
    const isFinal = same.some(({ ended }) => ended === "ok" || ended === "skipped");
    const isRunning = mine.some((held) => isLive(held, model.now));
    if (isFinal || isRunning || same.length > MAX_REGRANTS) expect(grant.granted).toBe(false);
    // Beyond that, what is refused may be a scheduled time that was forgotten.
    else if (mine.length < MAX_RUNS) expect(grant.granted).toBe(true);
    if (grant.granted) {
      expect(grant.run.attempt).toBe(same.length + 1);
      model.grants.push({ ...request, runner, grantedAt: model.now, ended: undefined });
      // The same delivery once more, to the same runner or another: nothing changes.
      for (const again of [runner, "another"]) {
        expect(begin(journal, { ...request, runner: again })).toEqual([journal, { granted: false, reason: "running" }]);
      }
    }
    real.journal = journal;
  }
  toString = () => `deliver(${this.#cron}, ${this.#scheduledTime})`;
}

class End implements fc.Command<Model, Real> {
  readonly #pick: number;
  readonly #outcome: "ok" | "failed" | "skipped";
  readonly #note: string;

  constructor(pick: number, outcome: "ok" | "failed" | "skipped", note: string) {
    this.#pick = pick;
    this.#outcome = outcome;
    this.#note = note;
  }
  check = (model: Readonly<Model>) => model.grants.length > 0;
  run(model: Model, real: Real): void {
    const held = model.grants[model.grants.length - 1 - (this.#pick % model.grants.length)];
    if (!held) return;
    const report = { ...held, now: model.now, outcome: this.#outcome, note: this.#note, detail: { note: this.#note } };
    const counts = isLive(held, model.now);
    const before = real.journal;
    real.journal = end(before, report);
    if (counts) held.ended = this.#outcome;
    else {
      model.strayEnds++;
      expect({ ...real.journal, strayEnds: 0 }).toEqual({ ...before, strayEnds: 0 });
    }
  }
  toString = () => `end(${this.#pick}, ${this.#outcome})`;
}

/** A run from its delivery to its end, if it is granted: what fills the journal. */
class Whole implements fc.Command<Model, Real> {
  readonly #deliver: Deliver;
  readonly #end: End;

  constructor(cron: string, scheduledTime: number, outcome: "ok" | "failed" | "skipped") {
    this.#deliver = new Deliver(cron, scheduledTime);
    this.#end = new End(0, outcome, "");
  }
  check = () => true;
  run(model: Model, real: Real): void {
    const { length } = model.grants;
    this.#deliver.run(model, real);
    if (model.grants.length > length) this.#end.run(model, real);
  }
  toString = () => `${this.#deliver} and ${this.#end}`;
}

class Pass implements fc.Command<Model, Real> {
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }
  check = () => true;
  run(model: Model): void {
    model.now += this.#ms;
  }
  toString = () => `pass(${this.#ms})`;
}

/** After each command: what holds whatever came before. */
class Checked implements fc.Command<Model, Real> {
  readonly #command: fc.Command<Model, Real>;

  constructor(command: fc.Command<Model, Real>) {
    this.#command = command;
  }
  check = (model: Readonly<Model>) => this.#command.check(model);
  run(model: Model, real: Real): void {
    this.#command.run(model, real);
    const { crons, strayEnds } = real.journal;
    expect(strayEnds).toBe(model.strayEnds);
    expect(crons.length).toBeLessThanOrEqual(MAX_CRONS);
    expect(readJournal(JSON.parse(JSON.stringify(real.journal)))).toEqual(real.journal);
    for (const { cron, runs } of crons) {
      expect(runs.length).toBeLessThanOrEqual(MAX_RUNS);
      for (const run of runs) {
        expect(run.end?.note.length ?? 0).toBeLessThanOrEqual(MAX_NOTE_CHARS);
        expect(JSON.stringify(run.detail).length).toBeLessThanOrEqual(MAX_DETAIL_CHARS);
      }
      const mine = model.grants.filter((held) => held.cron === cron);
      const live = mine.filter((held) => isLive(held, model.now));
      expect(live.length).toBeLessThanOrEqual(1);
      const ok = mine.filter(({ ended }) => ended === "ok").map(({ scheduledTime }) => scheduledTime);
      expect(new Set(ok).size).toBe(ok.length);
    }
    for (const view of journalView(real.journal, model.now).crons) {
      const mine = model.grants.filter(({ cron }) => cron === view.cron);
      const count = (outcome: string) => mine.filter(({ ended }) => ended === outcome).length;
      const lost = mine.filter((held) => held.ended === undefined && !isLive(held, model.now)).length;
      const counts = { ok: count("ok"), failed: count("failed"), skipped: count("skipped"), lost };
      expect(view.counts).toEqual(counts);
      expect(view.runs.filter(({ outcome }) => outcome === "running")).toHaveLength(
        mine.filter((held) => isLive(held, model.now)).length,
      );
    }
  }
  toString = () => this.#command.toString();
}

const outcome = fc.constantFrom("ok" as const, "failed" as const, "skipped" as const);
const checked = <T extends fc.Command<Model, Real>>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((c) => new Checked(c));

function commandsFor(crons: number, times: number, wholeRuns: number) {
  const delivery = fc.tuple(
    fc.nat(crons - 1).map((cron) => `cron ${cron}`),
    fc.nat(times - 1).map((time) => 1_000 + time),
  );
  const whole = fc.tuple(delivery, outcome).map(([[cron, time], how]) => new Whole(cron, time, how));
  return fc.commands(
    [
      checked(delivery.map(([cron, time]) => new Deliver(cron, time))),
      checked(
        fc.tuple(fc.nat(3), outcome, fc.nat(1_200)).map(([pick, how, chars]) => new End(pick, how, "n".repeat(chars))),
      ),
      checked(fc.nat(LEASE_MS + 2).map((ms) => new Pass(ms))),
      ...Array.from({ length: wholeRuns }, () => checked(whole)),
    ],
    { maxCommands: 100, size: "max" },
  );
}

test.each([
  ["few scheduled times, often delivered again", 2, 4, 0],
  ["more scheduled times than are remembered", 1, 40, 6],
])(
  "no two runs of a cron overlap, none ends well twice, all stays bounded: %s",
  (_, crons, times, wholeRuns) => {
    fc.assert(
      fc.property(commandsFor(crons, times, wholeRuns), (commands) => {
        fc.modelRun(
          () => ({ model: { now: 0, grants: [], strayEnds: 0 }, real: { journal: EMPTY_JOURNAL } }),
          commands,
        );
      }),
      { numRuns: 100 },
    );
  },
  30_000,
);

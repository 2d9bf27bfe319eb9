import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BumpsPart } from "../../../../src/rpc/parts.ts";
import type { ProbeSample } from "../../../../src/rpc/probing.ts";
import { BumpBed, lives } from "./bumpBed.ts";

const NODES = ["p", "a", "b"] as const;
const FLOOD = "00000000-0000-0000-0000-000000000000";

/** A write on its way: `commitsAt` undefined: never. */
interface Write {
  readonly id: string;
  readonly bucket: number;
  readonly commitsAt: number | undefined;
}

/** A process with what it replayed of its line: positions are the line's length. */
interface Process {
  log: string[];
  generation: number;
  inRecovery: boolean;
  epoch: number;
}

/** Servers that replicate, restart and are promoted; and who is told of what they wrote. */
class Database {
  readonly nodes = new Map<string, Process>(
    NODES.map((name, at) => [name, { log: [], generation: 0, inRecovery: at > 0, epoch: 1 }]),
  );
  primary = "p";
  epoch = 1;
  waiting: Write[] = [];

  node(name: string): Process {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`no ${name}`);
    return node;
  }

  /** What is due commits, in the order in which it is due. */
  commit(now: number): void {
    const due = this.waiting.filter(({ commitsAt }) => commitsAt !== undefined && commitsAt <= now);
    this.waiting = this.waiting.filter((write) => !due.includes(write));
    this.node(this.primary).log.push(...due.map(({ id }) => id));
  }

  replay(name: string, most: number): void {
    const node = this.node(name);
    const { log, epoch } = this.node(this.primary);
    if (!node.inRecovery) return;
    node.log.push(...log.slice(node.log.length, node.log.length + most));
    node.epoch = epoch;
  }

  /** A standby comes back where it was, or earlier; a primary has what it had. */
  restart(name: string, lost: number): void {
    const node = this.node(name);
    node.generation++;
    if (node.inRecovery) node.log = node.log.slice(0, Math.max(0, node.log.length - lost));
  }

  /** A standby takes over with what it has; the others are rebuilt from it. What was on its way to the old primary is lost. */
  promote(name: string): void {
    if (name === this.primary) return;
    this.epoch++;
    this.primary = name;
    this.waiting = [];
    const { log } = this.node(name);
    for (const [each, node] of this.nodes) {
      if (each === name) Object.assign(node, { inRecovery: false, epoch: this.epoch });
      else
        Object.assign(node, {
          inRecovery: true,
          generation: node.generation + 1,
          epoch: this.epoch,
          log: log.slice(0, node.log.length),
        });
    }
  }

  sample(name: string, marks: readonly string[]): ProbeSample {
    const { log, generation, inRecovery, epoch } = this.node(name);
    return {
      node: name,
      inRecovery,
      epoch: String(epoch),
      // An epoch's positions go on from those before it.
      position: String(log.length),
      generation: String(generation),
      tookMs: 1,
      ageMs: 0,
      held: marks.filter((id) => log.includes(id)),
    };
  }
}

const ms = (max: number) => fc.nat(max);
const name = fc.constantFrom(...NODES);
const step = fc.oneof(
  // Told after its answer; or unknown, and it commits later or never.
  { arbitrary: fc.record({ does: fc.constant("write"), after: fc.option(ms(50_000), { nil: undefined }) }), weight: 4 },
  { arbitrary: fc.record({ does: fc.constant("acknowledged") }), weight: 6 },
  { arbitrary: fc.record({ does: fc.constant("replay"), node: name, most: fc.nat(4) }), weight: 6 },
  // Some answer, late: what they said was so when the question left.
  {
    arbitrary: fc.record({ does: fc.constant("look"), silent: fc.subarray([...NODES]), lateMs: ms(2_000) }),
    weight: 8,
  },
  { arbitrary: fc.record({ does: fc.constant("pass"), ms: ms(40_000) }), weight: 4 },
  { arbitrary: fc.record({ does: fc.constant("restart"), node: name, lost: fc.nat(3) }), weight: 1 },
  { arbitrary: fc.record({ does: fc.constant("promote"), node: name }), weight: 1 },
  { arbitrary: fc.record({ does: fc.constant("restore") }), weight: 1 },
);

/**
 * What a load from this process proves, by the part that it began with, must be there: all writes up to the part's number
 * that are not told as live. Each part is held for a while, since a load may begin with an old one.
 */
function violations(part: BumpsPart, database: Database, writes: ReadonlyMap<string, { seq: number; write: Write }>) {
  const live = new Set(part.live.map(({ id }) => id));
  const floods = part.live.filter(({ id }) => id === FLOOD);
  const line = new Set([...database.node(database.primary).log, ...database.waiting.map(({ id }) => id)]);
  const found: string[] = [];
  for (const [node, generation] of part.cover) {
    const process = database.node(node);
    if (String(process.generation) !== generation || String(process.epoch) !== part.databaseEpoch) continue;
    for (const [id, { seq, write }] of writes) {
      const isTold = live.has(id) || floods.some(({ buckets }) => buckets.includes(write.bucket));
      const mayCommit = database.waiting.includes(write) ? write.commitsAt !== undefined : line.has(id);
      if (seq <= part.seq && !isTold && mayCommit && !process.log.includes(id)) found.push(`${node} lacks ${id}`);
    }
  }
  return found;
}

describe.for(lives)("a world that writes, lags, restarts and fails over, %s", ([, evicts]) => {
  test("nobody in the cover ever lacks a bump that is not live", () => {
    let proofs = 0;
    let forgotten = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const bed = new BumpBed({ evicts, nodes: NODES });
        const database = new Database();
        const writes = new Map<string, { seq: number; write: Write }>();
        const parts: BumpsPart[] = [];
        const report = (commitsAt: number | undefined) => {
          const write = { id: `m${writes.size}`, bucket: writes.size, commitsAt };
          database.waiting.push(write);
          database.commit(bed.now);
          writes.set(write.id, { seq: bed.bump(write.id, write.bucket).seq, write });
        };
        for (const each of steps) {
          switch (each.does) {
            case "write":
              report("after" in each && each.after !== undefined ? bed.now + each.after : undefined);
              break;
            case "acknowledged":
              report(bed.now);
              break;
            case "replay":
              database.replay(each.node, each.most);
              break;
            case "look": {
              const startedAt = bed.now;
              const marks = bed.part.live.map(({ id }) => id);
              const samples = NODES.filter((node) => !each.silent.includes(node)).map((node) =>
                database.sample(node, marks),
              );
              bed.pass(each.lateMs);
              database.commit(bed.now);
              const before = bed.part.live.length;
              bed.looked(startedAt, samples);
              forgotten += before - bed.part.live.length;
              break;
            }
            case "pass":
              bed.pass(each.ms);
              database.commit(bed.now);
              break;
            case "restart":
              database.restart(each.node, each.lost);
              break;
            case "promote":
              database.promote(each.node);
              break;
            case "restore": {
              const { incarnation, version } = bed.part;
              bed.digest({ have: { incarnation, epoch: 0, version: version + 1 } });
              break;
            }
          }
          parts.push(bed.part);
          proofs += bed.cover.length;
          for (const part of parts.slice(-10)) expect(violations(part, database, writes)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
    // It is no proof that nobody ever proves anything.
    expect(proofs).toBeGreaterThan(5_000);
    expect(forgotten).toBeGreaterThan(500);
  });
});

import type { Latency } from "../../tools/indexes/prove/latencyOf.ts";
import { keyOf, type Measured } from "../../tools/indexes/prove/measure.ts";

/** A goal for some samples with our indexes, as it was measured. */
export interface GoalResult {
  readonly goal: string;
  readonly isMet: boolean;
  /** The sample that is nearest to the goal, or furthest beyond it. */
  readonly worst: string;
}

interface ReadGoal {
  readonly goal: string;
  readonly names: readonly string[];
  /** Of the samples' shapes; default all. */
  readonly shapes?: readonly string[];
  readonly labels?: readonly Measured["label"][];
  /** The tables whose buffers count: those that the list is of. What is joined by primary keys is the query's. Default all. */
  readonly tables?: readonly string[];
  readonly maxBuffers: number;
  readonly maxP95Ms?: number;
}

const SINGLE = ["newest", "newest+genre", "newest+format", "newest+stage"];
const COMMON = ["common", "mid", "deep"] as const;
const RARE = ["rare", "none"] as const;

/** Goals for a million pitches. */
const READ_GOALS: readonly ReadGoal[] = [
  { goal: "e-mail ≤ 5", names: ["accounts.by-email"], maxBuffers: 5 },
  { goal: "token ≤ 5 of sessions", names: ["accounts.session"], tables: ["sessions"], maxBuffers: 5 },
  { goal: "NDA check ≤ 5 of ndas", names: ["pitches.full"], tables: ["ndas"], maxBuffers: 5 },
  browse("browse by one filter, common, any depth ≤ 30", SINGLE, COMMON, 30),
  browse("browse by one filter, rare ≤ 60", SINGLE, RARE, 60),
  browse("two filters, rare pair with its index ≤ 40", ["newest+genre+format"], RARE, 40),
  browse("two filters, rare pair without ≤ 700", ["newest+genre+stage", "newest+format+stage"], RARE, 700),
  browse("three filters, rare ≤ 500", ["newest+genre+format+stage"], RARE, 500),
  { goal: "own pitches ≤ 30 of pitches", names: ["profiles.pitches"], tables: ["pitches"], maxBuffers: 30 },
  {
    goal: "NDA requests ≤ 30 of nda_requests",
    names: ["nda-requests.list"],
    shapes: ["in", "out"],
    tables: ["nda_requests"],
    maxBuffers: 30,
  },
  {
    goal: "notifications and unread ≤ 30 of notifications",
    names: ["notifications.list", "notifications.unread"],
    tables: ["notifications"],
    maxBuffers: 30,
  },
  {
    goal: "popular ≤ 30 of pitch_counters",
    names: ["pitches.browse"],
    shapes: ["popular"],
    tables: ["pitch_counters"],
    maxBuffers: 30,
  },
  {
    goal: "popular by genre ≤ 1,500 of pitch_counters",
    names: ["pitches.browse"],
    shapes: ["popular+genre"],
    tables: ["pitch_counters"],
    maxBuffers: 1_500,
  },
  {
    goal: "search, any word and filter ≤ 3,000, p95 ≤ 25 ms",
    names: ["pitches.search"],
    maxBuffers: 3_000,
    maxP95Ms: 25,
  },
];

/** Holds the goals against what was measured with our indexes. */
export function checkReadGoals(
  measured: readonly Measured[],
  latencies: ReadonlyMap<string, Latency>,
): readonly GoalResult[] {
  return READ_GOALS.map((goal) => {
    const samples = measured.filter((sample) => isOf(goal, sample));
    const ranked = samples
      .map((sample) => ({ sample, over: distance(goal, sample, latencies) }))
      .toSorted((one, other) => other.over - one.over);
    const [worst] = ranked;
    if (!worst) return { goal: goal.goal, isMet: false, worst: "there is no sample of it" };
    return { goal: goal.goal, isMet: worst.over <= 1, worst: toldOf(goal, worst.sample, latencies) };
  });
}

/** How many times what it may be; at most 1: met. */
function distance(goal: ReadGoal, sample: Measured, latencies: ReadonlyMap<string, Latency>): number {
  const p95 = latencies.get(keyOf(sample))?.p95 ?? Number.POSITIVE_INFINITY;
  return Math.max(buffersOf(goal, sample) / goal.maxBuffers, goal.maxP95Ms === undefined ? 0 : p95 / goal.maxP95Ms);
}

function toldOf(goal: ReadGoal, sample: Measured, latencies: ReadonlyMap<string, Latency>): string {
  const p95 = goal.maxP95Ms === undefined ? "" : `, p95 ${latencies.get(keyOf(sample))?.p95} ms`;
  return `${keyOf(sample)}: ${buffersOf(goal, sample)}${p95}`;
}

function isOf({ names, shapes, labels }: ReadGoal, { name, shape, label }: Measured): boolean {
  if (!names.includes(name)) return false;
  return (shapes === undefined || shapes.includes(shape ?? "")) && (labels === undefined || labels.includes(label));
}

function buffersOf({ tables }: ReadGoal, { plan }: Measured): number {
  if (!plan) return Number.POSITIVE_INFINITY;
  if (!tables) return plan.buffers;
  return plan.nodes
    .filter(({ relation }) => relation !== undefined && tables.includes(relation))
    .reduce((sum, { buffers }) => sum + buffers, 0);
}

function browse(
  goal: string,
  shapes: readonly string[],
  labels: readonly Measured["label"][],
  maxBuffers: number,
): ReadGoal {
  return { goal: `${goal} of pitches`, names: ["pitches.browse"], shapes, labels, tables: ["pitches"], maxBuffers };
}

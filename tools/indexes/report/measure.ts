import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import { explain } from "../prove/explain.ts";
import type { Sample, SampledQuery } from "../sample.ts";
import { vacuumWritten } from "../vacuumWritten.ts";
import { LEAST_RUNS, QUERY_BUDGET_MS, STATEMENT_TIMEOUT_MS, WARM_RUNS } from "./constants.ts";
import type { MeasuredQuery } from "./measurement.ts";

export interface MeasureOptions {
  readonly runs: number;
  /** Also the application's writes, each rolled back: they leave dead rows behind, and lock while they run. */
  readonly hasWrites: boolean;
  readonly onProgress?: (done: number, of: number, name: string) => void;
}

interface Lane {
  readonly name: string;
  readonly sample: Sample;
  readonly kind: SampledQuery["kind"];
  readonly ms: number[];
  plan?: Awaited<ReturnType<typeof explain>>;
  trouble?: string;
}

/**
 * Every query with every sort of parameters: what one warm execution touches, by EXPLAIN, and the client's own time of
 * each round. All queries take their turn in a round, so that what the machine does beside is spread over all of them.
 * A statement that fails has its reason for numbers.
 */
export async function measure(
  client: ClientBase,
  queries: readonly SampledQuery[],
  { runs, hasWrites, onProgress = () => {} }: MeasureOptions,
): Promise<MeasuredQuery[]> {
  await client.query(`SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
  const lanes: Lane[] = queries
    .filter(({ kind }) => kind === "read" || hasWrites)
    .flatMap(({ name, kind, samples }) => samples.map((sample) => ({ name, sample, kind, ms: [] })));
  const steps = lanes.length * (1 + WARM_RUNS + runs);
  let done = 0;
  const told = (lane: Lane) => onProgress(done++, steps, lane.name);
  // What a write leaves behind, rolled back as it is, every later scan reads: so all reads come first.
  const writes = lanes.filter(({ kind }) => kind === "write");
  for (const group of [lanes.filter(({ kind }) => kind === "read"), writes]) {
    await explainAll(client, group, told);
    await runRounds(client, group, runs, told);
  }
  if (hasWrites)
    await vacuumWritten(
      client,
      writes.flatMap(({ plan }) => plan ?? []),
    );
  onProgress(steps, steps, "done");
  return lanes.map(measured);
}

async function explainAll(client: ClientBase, lanes: readonly Lane[], told: (lane: Lane) => void): Promise<void> {
  for (const lane of lanes) {
    told(lane);
    await attempt(lane, async () => {
      lane.plan = await explain(client, lane.sample.query);
    });
  }
}

async function runRounds(
  client: ClientBase,
  lanes: readonly Lane[],
  runs: number,
  told: (lane: Lane) => void,
): Promise<void> {
  for (let round = -WARM_RUNS; round < runs; round++) {
    for (const lane of lanes) {
      told(lane);
      if (lane.trouble !== undefined || isSpent(lane)) continue;
      await attempt(lane, async () => {
        const ms = await timed(client, lane);
        if (round >= 0) lane.ms.push(ms);
      });
    }
  }
}

/** A statement on its own is what a Worker sends; a write is undone, and only its own time is taken. */
async function timed(client: ClientBase, { kind, sample }: Lane): Promise<number> {
  const { text, values } = sample.query;
  if (kind === "write") await client.query("BEGIN");
  try {
    const startedAt = performance.now();
    await client.query(text, [...values]);
    return performance.now() - startedAt;
  } finally {
    if (kind === "write") await client.query("ROLLBACK");
  }
}

function isSpent({ ms }: Lane): boolean {
  return ms.length >= LEAST_RUNS && ms.reduce((sum, each) => sum + each, 0) > QUERY_BUDGET_MS;
}

async function attempt(lane: Lane, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    lane.trouble = error instanceof Error ? error.message : String(error);
  }
}

function measured({ name, sample, kind, ms, plan, trouble }: Lane): MeasuredQuery {
  const { shape, label, query } = sample;
  const distinct = (names: readonly (string | undefined)[]) => [...new Set(names.filter((each) => each !== undefined))];
  return {
    name,
    sample: shape === undefined ? label : `${shape}, ${label}`,
    kind,
    text: createHash("sha256").update(query.text).digest("hex").slice(0, 16),
    tables: distinct((plan?.nodes ?? []).map(({ relation }) => relation)),
    indexes: distinct((plan?.nodes ?? []).map(({ index }) => index)),
    buffers: plan?.buffers ?? 0,
    walBytes: plan?.walBytes ?? 0,
    ms: ms.map((each) => Math.round(each * 1_000) / 1_000),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

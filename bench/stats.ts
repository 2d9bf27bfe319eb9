import { Option } from "commander";
import { Client } from "pg";
import { FORGET_VIEWS_BATCH } from "../src/marketplace/constants.ts";
import { forgetViews } from "../src/marketplace/queries/nightly.ts";
import { creatorDashboard } from "../src/marketplace/queries/statistics.ts";
import type { Bench } from "./bench.ts";
import { percentiles, rounded } from "./percentiles.ts";
import { startDatabase } from "./startDatabase.ts";
import { likeCost } from "./stats/likeCost.ts";
import { favourLiveAggregate, LIVE_AGGREGATE } from "./stats/liveAggregate.ts";
import { allRows, refreshOnce } from "./stats/refreshOnce.ts";
import { serveDashboards } from "./stats/serveDashboards.ts";
import { addMonthOfViews, change, rankPitches } from "./stats/traffic.ts";

/** Refreshes, each after as many changes: the middle one is told, and the slowest. */
const ROUNDS = 5;

/** Creators asked for of each sort, and how often. */
const CREATORS = 20;
const TIMES = 5;

/** Batches of views that are forgotten, of the month's. */
const FORGET_BATCHES = 20;

/** Requests before any that counts: a new isolate's first ones pay for its compilation. */
const WARM = 200;

/** What counting incrementally costs, and what it saves whoever looks at a dashboard. */
export const statsBench: Bench = {
  name: "stats",
  summary: "one refresh of the statistics after a thousand changes; dashboards from them, and live from the tables",
  options: [
    new Option("--pitches <n>", "how many pitches").default(1_000_000).argParser(Number),
    new Option("--changes <n>", "rows changed before each refresh").default(1_000).argParser(Number),
  ],
  run: async (lab, options) => {
    const say = (step: string) => console.error(`  ${step}`);
    const pitches = Math.max(1_000, Number(options.pitches) || 1_000_000);
    const cluster = await startDatabase(lab, { pitches, seed: 1 });
    const { connectionString } = await cluster.resolve("primary");
    const client = await lab.start(
      async () => {
        const opened = new Client({ connectionString, options: "-c search_path=public" });
        await opened.connect();
        return opened;
      },
      (opened) => opened.end(),
    );

    say("a month of views, and all counted anew");
    const rebuildMs = await addMonthOfViews(client);
    await client.query("VACUUM ANALYZE");
    await rankPitches(client);

    say(`${ROUNDS} refreshes`);
    const refreshes = [];
    for (let round = 0; round < ROUNDS; round++) {
      const changed = await change(client, Number(options.changes) || 1_000);
      refreshes.push({ changed, ...(await refreshOnce(client)) });
    }
    const byTime = refreshes.toSorted((one, other) => one.ms - other.ms);
    const middle = byTime[Math.floor(ROUNDS / 2)];
    if (!middle || refreshes.some(({ done, changed }) => done < changed))
      throw new Error("a refresh left changes over");
    const rows = await allRows(client);

    say("what a like costs");
    const like = await likeCost(client);
    await refreshOnce(client);

    say("dashboards, live and from the counts");
    await favourLiveAggregate(client);
    const { signIn, ask } = await serveDashboards(lab, cluster, client);
    const firstDay = new Date(Date.now() - 29 * 86_400_000).toISOString().slice(0, 10);
    const measure = async (creators: readonly string[]) => {
      const tokens: string[] = [];
      for (const id of creators) tokens.push(await signIn(id));
      const fromCounts = (id: string) => timed(() => run(client, creatorDashboard(id, firstDay, 5)));
      const live = (id: string) => timed(() => client.query(LIVE_AGGREGATE, [id, firstDay]));
      return {
        http: await each(tokens, ask),
        counts: await each(creators, fromCounts),
        live: await each(creators, live),
      };
    };
    const warming = await signIn((await creatorsBy(client, "min(id::text)"))[0] ?? "");
    for (let warm = 0; warm < WARM; warm++) await ask(warming);
    const heavy = await measure(await creatorsBy(client, "count(*)"));
    const usual = await measure(await creatorsBy(client, "md5(user_id::text)"));
    say("forgetting who saw what");
    const forgetting: number[] = [];
    for (let batch = 0; batch < FORGET_BATCHES; batch++) {
      forgetting.push(await timed(() => run(client, forgetViews(FORGET_VIEWS_BATCH))));
    }
    return {
      pitches,
      changedRows: middle.changed,
      changes: middle.done,
      refreshMs: rounded(middle.ms),
      refreshMaxMs: rounded(byTime.at(-1)?.ms ?? Number.NaN),
      refreshCpuMs: rounded(middle.cpuMs),
      rowsRead: middle.rowsRead,
      rows,
      rowsReadShare: Number((middle.rowsRead / rows).toFixed(6)),
      rebuildMs: rounded(rebuildMs),
      dashboardP50Ms: heavy.http.p50,
      dashboardP99Ms: heavy.http.p99,
      dashboardSqlP50Ms: heavy.counts.p50,
      liveAggregateP50Ms: heavy.live.p50,
      liveAggregateP99Ms: heavy.live.p99,
      liveToDashboard: rounded(heavy.live.p50 / heavy.http.p50),
      usualCreators: { dashboard: usual.http, dashboardSql: usual.counts, liveAggregate: usual.live },
      like,
      forgetBatch: percentiles(forgetting),
    };
  },
};

/** Creators with the most of this. */
async function creatorsBy(client: Client, order: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ user_id: string }>(
    `SELECT user_id FROM pitches GROUP BY user_id ORDER BY ${order} DESC LIMIT ${CREATORS}`,
  );
  return rows.map(({ user_id }) => user_id);
}

/** Once for each to warm up, then several times round. */
async function each(ids: readonly string[], ask: (id: string) => Promise<number>) {
  for (const id of ids) await ask(id);
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) for (const id of ids) times.push(await ask(id));
  return percentiles(times);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function run(client: Client, { text, values }: { readonly text: string; readonly values: readonly unknown[] }) {
  return client.query(text, [...values]);
}

import Table from "cli-table3";
import { type Bill, billOf } from "./bill.ts";
import type { LargeSite } from "./largeSite.ts";
import { OWNERS, type Phase } from "./phase.ts";
import type { SmallSite } from "./smallSite.ts";

type Row = readonly (string | number)[];

function table(head: readonly string[], rows: readonly Row[]): string {
  const made = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) made.push([...row]);
  return made.toString();
}

const two = (value: number) => Math.round(value * 100) / 100;
const one = (value: number) => Math.round(value * 10) / 10;
const percent = (share: number) => `${one(100 * share)} %`;
const dollars = (amount: number) => `$${Math.round(amount).toLocaleString("en-US")}`;

/** Invocations a second: mean, and in the busiest second. */
export function loadTable(phases: readonly (readonly [string, Phase])[]): string {
  const rows = phases.map(([name, phase]): Row => {
    const { hottestCollector, owners } = phase;
    const load = ({ mean, second }: { mean: number; second: number }) => `${one(mean)} / ${second}`;
    return [
      name,
      Math.round(phase.exchanges),
      phase.collectors,
      load(hottestCollector),
      one(hottestCollector.ofTen),
      ...OWNERS.map((owner) => load(owners[owner])),
      Math.round(phase.rows),
      one(phase.questions),
    ];
  });
  const head = ["a second", "exchanges", "Collectors", "hottest", "of 10 s", ...OWNERS, "rows", "questions"];
  return table(head, rows);
}

/** Month by month: as calm as measured, all month. */
export function billTable(rows: readonly (readonly [string, Bill])[]): string {
  const head = ["a month", "requests", "in memory", "rows", "in all"];
  return table(
    head,
    rows.map(([name, bill]): Row => [name, ...[bill.requests, bill.duration, bill.rows, bill.total].map(dollars)]),
  );
}

export function smallTable(sites: readonly SmallSite[]): string {
  const head = [
    "requests/s in all",
    "isolates",
    "regions",
    "calls/request",
    "calls of a free day",
    "rows",
    "duration",
    "were idling billed",
  ];
  return table(
    head,
    sites.map(({ requestsPerSecond, isolates, regions, callsPerRequest, ...shares }): Row => {
      const { calls, rows, duration, whileInMemory } = shares;
      const costs = [calls, rows, duration, whileInMemory].map(percent);
      return [requestsPerSecond, isolates, regions, Math.round(callsPerRequest * 1e4) / 1e4, ...costs];
    }),
  );
}

/** What a month of this phase would be billed. */
export function billOfPhase({ invocations, collectors, rows }: Phase): Bill {
  return billOf({ invocations, objects: collectors + OWNERS.length, rows });
}

export function outageLines({ outage, calm }: LargeSite): string {
  const { propagationMeanS, propagationWorstS, unheard, incident, whileOpen, rejectedShare } = outage;
  const { requestsPerSecond, questionsPerSecond } = whileOpen;
  return [
    `The world's word that all nodes are open stood in an isolate ${two(propagationMeanS)} s after the first failure on average, ${two(propagationWorstS)} s at worst; ${unheard} had not heard it in ${incident.seconds} s.`,
    `While they were open ${one(requestsPerSecond)} requests and ${one(questionsPerSecond)} questions of our own a second reached them (in calm ${Math.round(calm.sent)} and ${one(calm.questions)}), at most ${outage.maxConcurrentProbes} probes of one node at a time.`,
    `After their return ${outage.rejected} requests were refused, ${percent(rejectedShare)} of those in the ${one(outage.recoveryS)} s until the last isolate sent all it had.`,
  ].join("\n");
}

import { Option } from "commander";
import type { Bench } from "./bench.ts";
import { rounded } from "./percentiles.ts";
import { billOf } from "./world/bill.ts";
import { busiest, largeSite } from "./world/largeSite.ts";
import { smallSite } from "./world/smallSite.ts";
import { billOfPhase, billTable, delayLine, loadTable, smallTable } from "./world/tables.ts";

/** What it would take instead: a poll of one object each five seconds. */
const POLL_S = 5;

/** What all isolates of the world together ask of the objects: by the second, by the request, by the month. */
export const worldBench: Bench = {
  name: "world",
  summary: "calls a second at each object and what a month costs: isolates counted in virtual time over real objects",
  options: [
    new Option("--isolates <n>", "isolates in the world, 50 a colo").default(16_500).argParser(Number),
    new Option("--rps <n>", "requests a second of all of them together").default(1_000_000).argParser(Number),
    new Option("--seed <n>", "the same seed gives the same figures").default(1).argParser(Number),
  ],
  run: async (_lab, options) => {
    const isolates = Math.max(1, Number(options.isolates) || 1);
    const requestsPerSecond = Math.max(1, Number(options.rps) || 1);
    const seed = Number(options.seed) || 0;
    const say = (what: string) => console.error(`  ${what}`);
    console.error(`${isolates} isolates, ${requestsPerSecond} requests a second, seed ${seed}`);
    const sites = [
      await smallSite(0.1),
      await smallSite(1),
      await smallSite(1, { isolates: 3, regions: 3 }),
      await smallSite(10),
    ];
    const large = await largeSite({ isolates, requestsPerSecond, seed, say });
    const { cold, calm, incident, recovery, writing } = large;
    const named = writing.map(([share, phase]) => [`calm, ${100 * share} % write`, phase] as const);
    console.log("Invocations: mean / busiest second. Rows and questions (our own small queries): mean.");
    const phases = [
      ["calm", calm],
      ["incident", incident],
      ["recovery", recovery],
      ["cold start", cold],
    ] as const;
    console.log(loadTable([...phases, ...named]));
    console.log(delayLine(large));
    const alone = (invocations: number) => billOf({ invocations, objects: 1, rows: 0 });
    const bill = billOfPhase(calm);
    console.log(
      billTable([
        ["as calm", bill],
        ...named.map(([name, phase]) => [name, billOfPhase(phase)] as const),
        ["as in an incident", billOfPhase(incident)],
        ["one object asked on every request", alone(requestsPerSecond)],
        [`one object polled each ${POLL_S} s`, alone(isolates / POLL_S)],
      ]),
    );
    console.log("Sites of few visitors, an hour of each, request by request; shares are of a free plan's day:");
    console.log(smallTable(sites));
    const { object, owner } = busiest([calm, incident, recovery]);
    const [, one] = sites;
    return {
      seed,
      hottestCallsPerSecond: object,
      hottestOfTenSeconds: Math.max(
        ...[calm, incident, recovery].map(({ hottestCollector }) => hottestCollector.ofTen),
      ),
      globalCallsPerSecond: owner,
      callsPerRequest: rounded(calm.invocations / requestsPerSecond),
      callsPerRequestInIncident: rounded(incident.invocations / requestsPerSecond),
      monthlyUsd: Math.round(bill.total),
      monthlyUsdByPart: {
        requests: Math.round(bill.requests),
        duration: Math.round(bill.duration),
        rows: Math.round(bill.rows),
      },
      freePlanShare: one ? rounded(Math.max(one.calls, one.rows, one.duration)) : null,
      collectors: calm.collectors,
      coldStartHottestPerSecond: cold.hottestCollector.second,
      coldStartExchangesPerIsolateSecond: rounded(cold.exchanges / isolates),
      exchangesPerIsolateSecond: rounded(calm.exchanges / isolates),
      exchangesPerIsolateSecondInIncident: rounded(incident.exchanges / isolates),
      firstFailureToEverywhereMs: large.delays.meanMs,
      firstFailureToEverywhereWorstMs: large.delays.worstMs,
      writes: writing.map(([share, phase]) => ({
        share,
        globalCallsPerSecond: busiest([phase]).owner,
        hottestCallsPerSecond: busiest([phase]).object,
        monthlyUsd: Math.round(billOfPhase(phase).total),
      })),
      small: sites.map(({ requestsPerSecond: rate, regions, ...site }) => ({
        requestsPerSecond: rate,
        regions,
        callsPerRequest: rounded(site.callsPerRequest),
        freePlanShare: rounded(Math.max(site.calls, site.rows, site.duration)),
      })),
      askingEachTime: { callsPerSecond: requestsPerSecond, monthlyUsd: Math.round(alone(requestsPerSecond).total) },
      polling: { callsPerSecond: isolates / POLL_S, monthlyUsd: Math.round(alone(isolates / POLL_S).total) },
    };
  },
};

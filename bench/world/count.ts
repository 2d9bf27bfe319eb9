import type { Found } from "../aside.ts";
import { rounded } from "../percentiles.ts";
import { billOf } from "./bill.ts";
import { busiest, type LargeSiteOptions, largeSite } from "./largeSite.ts";
import type { Outage } from "./outage.ts";
import { smallSite } from "./smallSite.ts";
import { billOfPhase, billTable, loadTable, outageLines, smallTable } from "./tables.ts";

/** What it would take instead: a poll of one object each five seconds. */
const POLL_S = 5;

/** The count of one large site and some small ones: its tables, and its figures as the bench's keys. */
export async function count(options: LargeSiteOptions): Promise<Found> {
  const { isolates, requestsPerSecond, seed, say } = options;
  say("four small sites, an hour of each");
  const sites = [
    await smallSite(0.1),
    await smallSite(1),
    await smallSite(1, { isolates: 3, regions: 3 }),
    await smallSite(10),
  ];
  const large = await largeSite(options);
  const { cold, calm, outage, writing } = large;
  const { incident, recovery } = outage;
  const named = writing.map(([share, phase]) => [`calm, ${100 * share} % write`, phase] as const);
  const lines: string[] = [];
  lines.push("Invocations: mean / busiest second. Rows and questions (our own small queries): mean.");
  const phases = [
    ["calm", calm],
    ["incident", incident],
    ["recovery", recovery],
    ["cold start", cold],
  ] as const;
  lines.push(loadTable([...phases, ...named]));
  lines.push(outageLines(large));
  const alone = (invocations: number) => billOf({ invocations, objects: 1, rows: 0 });
  const bill = billOfPhase(calm);
  lines.push(
    billTable([
      ["as calm", bill],
      ...named.map(([name, phase]) => [name, billOfPhase(phase)] as const),
      ["as in an incident", billOfPhase(incident)],
      ["one object asked on every request", alone(requestsPerSecond)],
      [`one object polled each ${POLL_S} s`, alone(isolates / POLL_S)],
    ]),
  );
  lines.push("Sites of few visitors, an hour of each, request by request; shares are of a free plan's day:");
  lines.push(smallTable(sites));
  const { object, owner } = busiest([calm, incident, recovery]);
  const [, one] = sites;
  const figures = {
    seed,
    hottestCallsPerSecond: object,
    hottestOfTenSeconds: Math.max(...[calm, incident, recovery].map(({ hottestCollector }) => hottestCollector.ofTen)),
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
    ...outageKeys(outage),
    originLoadInCalm: { requestsPerSecond: Math.round(calm.sent), questionsPerSecond: rounded(calm.questions) },
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
  return { text: lines.join("\n"), figures };
}

function outageKeys({ whileOpen, ...outage }: Outage) {
  return {
    propagationMeanS: rounded(outage.propagationMeanS),
    propagationWorstS: rounded(outage.propagationWorstS),
    maxConcurrentProbes: outage.maxConcurrentProbes,
    recoveryS: rounded(outage.recoveryS),
    rejectedAfterRecovery: outage.rejected,
    rejectedAfterRecoveryShare: rounded(outage.rejectedShare),
    originLoadWhileOpen: {
      requestsPerSecond: rounded(whileOpen.requestsPerSecond),
      questionsPerSecond: rounded(whileOpen.questionsPerSecond),
    },
  };
}

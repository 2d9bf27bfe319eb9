import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Lab } from "../../bench/lab.ts";
import { startDatabase } from "../../bench/startDatabase.ts";
import { bundleBed } from "../bed/bundleBed.ts";
import { startBed } from "../bed/startBed.ts";
import { until } from "../cluster/processes.ts";
import { localEnvironment } from "../local/localEnvironment.ts";
import { seededRandom } from "../neon-proxy/faults/seededRandom.ts";
import { startNeonProxy } from "../neon-proxy/startNeonProxy.ts";
import { allClosed, breakerOf, CHAOS_ADMIN_TOKEN, isOut } from "./cluster/bedAdmin.ts";
import { Breaker } from "./cluster/breakSystem.ts";
import { checkHistory } from "./cluster/checkHistory.ts";
import { CLOSES_WITHIN_MS, MAX_OPERATIONS, MEND_WITHIN_MS, MOST_TOLD, RATE } from "./cluster/constants.ts";
import { faultPlan } from "./cluster/faultPlan.ts";
import type { Logged } from "./cluster/history.ts";
import { ClusterLoad } from "./cluster/load.ts";
import { openSessions, signUp } from "./cluster/openSessions.ts";
import { Recorder } from "./cluster/recorder.ts";
import { installRegisters, readLog } from "./cluster/register.ts";
import { type Figures, figuresOf, isHeldAgainst, isKept, type Refusal } from "./cluster/summary.ts";
import { Troubles } from "./cluster/troubles.ts";
import { Witness } from "./cluster/witness.ts";
import { poisson } from "./poisson.ts";

export interface ClusterChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Whether to write all that happened into a file, as JSON lines. */
  readonly log?: boolean;
  /** Whether answers are shared. Default: not, so that every read tells of the cluster's own promises. */
  readonly cache?: boolean;
}

export type ClusterChaosResult = { readonly seed: number } & Figures & {
    readonly isWell: boolean;
    readonly isInterrupted: boolean;
    readonly isKept: boolean;
  };

const ISOLATES = 3;

/**
 * Breaks a cluster of its own under load and checks afterwards what every session was promised. Once `interrupted` is
 * aborted no fault begins any more, and what was recorded until then is checked.
 */
export async function clusterChaos(
  lab: Lab,
  { seed, minutes, log, cache = false }: ClusterChaosOptions,
  interrupted: AbortSignal,
): Promise<ClusterChaosResult> {
  const startedAt = performance.now();
  const nowMs = () => Math.round((performance.now() - startedAt) * 10) / 10;
  const say = (step: string) => console.error(`  ${(nowMs() / 1_000).toFixed(1).padStart(6)} s  ${step}`);
  const path = log ? resolve(".breakwater", `chaos-${seed}.jsonl`) : undefined;
  if (path !== undefined) await mkdir(dirname(path), { recursive: true });
  const recorder = new Recorder(MAX_OPERATIONS, path);

  const bundle = await bundleBed(join(lab.root, "bundle"));
  const cluster = await startDatabase(lab, { pitches: 200, seed });
  const nodes = await cluster.nodes();
  await installRegisters((await cluster.resolve("primary")).port);
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const local = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: CHAOS_ADMIN_TOKEN });
  const environment = { ...local, BREAKWATER_MODE_CACHE: cache ? "on" : "off" };
  const bed = await lab.start(
    () => startBed({ bundle, isolates: ISOLATES, environment, colos: ["FRA", "AMS"] }),
    (started) => started.close(),
  );

  const bearer = await signUp(bed);
  const troubles = new Troubles(nowMs);
  troubles.isPrimary((await cluster.resolve("primary")).name);
  const witness = new Witness(nodes, troubles, nowMs, (node) => isOut(bed, node));
  const refusals: Refusal[] = [];
  const looks: Promise<unknown>[] = [];
  const recoveriesMs: number[] = [];
  const load = new ClusterLoad({
    isolates: bed.isolates,
    sessions: await openSessions(bed, bearer),
    bearer,
    recorder,
    nowMs,
    seed,
    onRefused: (read, sessionToken) => {
      const isPrimaryWell = troubles.primaryAnswered(read.startMs, read.endMs);
      const { primary } = troubles;
      looks.push(
        Promise.all([witness.provableAt(read, sessionToken), breakerOf(bed, read.isolate, primary)]).then(
          ([provable, breakerState]) => {
            const refusal = { read, isPrimaryWell, isShut: breakerState === "closed", provable };
            refusals.push(refusal);
            recorder.note({ note: "refused", ...refusal, read: undefined, id: read.id, breaker: breakerState });
          },
        ),
      );
    },
  });
  const tryWrite = () => load.tryWrite();
  const breaker = new Breaker({ cluster, proxy, bed, adminToken: CHAOS_ADMIN_TOKEN, troubles, nowMs, tryWrite, say });
  const watching = witness.watch();
  const random = seededRandom(seed);
  say(`faults for ${minutes} minutes, ${RATE} requests a second`);
  const endsMs = nowMs() + minutes * 60_000;
  const arrivals = poisson(RATE, seededRandom(seed + 1), () => load.arrive());
  interrupted.addEventListener("abort", () => {
    arrivals.stop();
    recorder.freeze(); // Ctrl-C reaches the Workers too: what they no longer answer is no finding
  });
  /** Nodes, writes, unknown outcomes and breakers; then each session hears what it has to hear. */
  const mend = async () => {
    await bed.host.clear();
    for (const { name } of await cluster.nodes()) await cluster.start(name);
    const isMended = async () => (await load.settleOpen()) && (await load.tryWrite()) && allClosed(bed);
    const isWhole = await until(isMended, MEND_WITHIN_MS);
    return (await until(() => load.farewell(), MEND_WITHIN_MS / 4)) && isWhole;
  };
  let trouble: unknown;
  try {
    for (const planned of faultPlan(random)) {
      await sleep(planned.restMs, interrupted);
      const waitedMs = nowMs();
      const hasClosed = await until(() => interrupted.aborted || allClosed(bed), CLOSES_WITHIN_MS);
      recoveriesMs.push(nowMs() - waitedMs);
      if (!hasClosed) say(`a breaker is still not closed after ${CLOSES_WITHIN_MS / 1_000} s`);
      if (interrupted.aborted || nowMs() + planned.forMs > endsMs) break;
      say(`${JSON.stringify(planned.fault)} for ${planned.forMs} ms${planned.beside ? " while the objects hang" : ""}`);
      recorder.note({ note: "fault", ...planned, atMs: nowMs() });
      await breaker.play(planned);
      recorder.note({ note: "mended", atMs: nowMs() });
    }
    await sleep(endsMs - nowMs(), interrupted);
  } catch (error) {
    trouble = error; // what was recorded until then is checked all the same
    say(`a fault could not be played: ${error}`);
  }
  arrivals.stop();
  await load.settled();
  say("mending");
  proxy.faults.clear();
  let isWell = false;
  if (!interrupted.aborted && trouble === undefined) {
    isWell = await mend().catch((error: unknown) => {
      say(`could not be mended: ${error}`);
      return false;
    });
    if (!isWell) say("not all is well at the end");
  }
  witness.stop();
  await watching;
  await Promise.all(looks);

  const { port } = await cluster.resolve("primary");
  const finalLog: Logged[] | null = await readLog(port).then(
    ({ log: kept }) => kept,
    () => null,
  );
  const { turns, lines, gapsMs, orders } = breaker.changes;
  const { operations, total } = recorder;
  const verdict = checkHistory({ operations, turns, lines, finalLog });
  recorder.note({ note: "changes", turns, lines: lines.map(({ epoch }) => epoch), violations: verdict.violations });
  await recorder.close();
  if (path !== undefined) say(`all that happened: ${path}`);
  const figures = figuresOf({ operations, total, refusals, gapsMs, recoveriesMs, orders, verdict });
  tell(
    verdict.violations.map(
      ({ kind, sentence, operations: ids }) => `${kind}: ${sentence} (requests ${ids.join(", ")})`,
    ),
  );
  tell(
    refusals.filter(isHeldAgainst).map(({ read, isPrimaryWell, provable }) => {
      const { id, client, isolate, promised, startMs, endMs, trouble: why } = read;
      return `not answered: ${JSON.stringify({ id, client, isolate, promised, startMs, endMs, isPrimaryWell, provable })} ${why}`;
    }),
  );
  return {
    seed,
    ...figures,
    isWell,
    isInterrupted: interrupted.aborted,
    isKept: isKept(figures) && trouble === undefined,
  };
}

function tell(lines: readonly string[]): void {
  for (const line of lines.slice(0, MOST_TOLD)) console.error(`  ${line}`);
  if (lines.length > MOST_TOLD) console.error(`  and ${lines.length - MOST_TOLD} more`);
}

function sleep(ms: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) return resolve();
    const timer = setTimeout(resolve, Math.max(0, ms));
    interrupted.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

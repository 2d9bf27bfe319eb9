import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Lab } from "../../bench/lab.ts";
import { startDatabase } from "../../bench/startDatabase.ts";
import { bundleBed } from "../bed/bundleBed.ts";
import { type Bed, startBed } from "../bed/startBed.ts";
import { until } from "../cluster/processes.ts";
import { localEnvironment } from "../local/localEnvironment.ts";
import { seededRandom } from "../neon-proxy/faults/seededRandom.ts";
import { startNeonProxy } from "../neon-proxy/startNeonProxy.ts";
import { ask } from "./cluster/ask.ts";
import { Breaker } from "./cluster/breakSystem.ts";
import { checkHistory } from "./cluster/checkHistory.ts";
import {
  CLOSES_WITHIN_MS,
  MAX_OPERATIONS,
  MEND_WITHIN_MS,
  MOST_TOLD,
  RATE,
  VISITORS,
  WRITERS,
} from "./cluster/constants.ts";
import { faultPlan } from "./cluster/faultPlan.ts";
import type { Logged } from "./cluster/history.ts";
import { ClusterLoad } from "./cluster/load.ts";
import { Recorder } from "./cluster/recorder.ts";
import { installRegisters, readLog, titleOf } from "./cluster/register.ts";
import { Session } from "./cluster/session.ts";
import { type Figures, figuresOf, isHeldAgainst, isKept, type Refusal } from "./cluster/summary.ts";
import { Troubles } from "./cluster/troubles.ts";
import { Witness } from "./cluster/witness.ts";
import { poisson } from "./poisson.ts";

export interface ClusterChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Whether to write all that happened into a file, as JSON lines. */
  readonly log?: boolean;
}

export type ClusterChaosResult = { readonly seed: number } & Figures & {
    readonly isWell: boolean;
    readonly isInterrupted: boolean;
    readonly isKept: boolean;
  };

const ADMIN_TOKEN = "an-admin-token-for-chaos";
const ISOLATES = 3;

/**
 * Breaks a cluster of its own under load and checks afterwards what every session was promised. Once `interrupted` is
 * aborted no fault begins any more, and what was recorded until then is checked.
 */
export async function clusterChaos(
  lab: Lab,
  { seed, minutes, log }: ClusterChaosOptions,
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
  const environment = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: ADMIN_TOKEN });
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
    sessions: await openSessions(bed, bearer, nowMs),
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
  const breaker = new Breaker({ cluster, proxy, bed, adminToken: ADMIN_TOKEN, troubles, nowMs, tryWrite, say });
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
  const { turns, lines, gapsMs } = breaker.changes;
  const { operations, total } = recorder;
  const verdict = checkHistory({ operations, turns, lines, finalLog });
  recorder.note({ note: "changes", turns, lines: lines.map(({ epoch }) => epoch), violations: verdict.violations });
  await recorder.close();
  if (path !== undefined) say(`all that happened: ${path}`);
  const figures = figuresOf({ operations, total, refusals, gapsMs, recoveriesMs, verdict });
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

async function signUp({ isolates: [isolate] }: Bed): Promise<string> {
  const account = {
    email: `${crypto.randomUUID()}@example.com`,
    password: "correct horse",
    name: "C",
    role: "creator",
  };
  if (!isolate) throw new Error("a bed without isolates");
  const asked = { method: "POST", path: "/api/auth/register", json: account, expected: [201] } as const;
  const { body, status } = await ask(isolate, asked, () => 0);
  if (status !== 201) throw new Error(`register answered ${status}`);
  return (body as { token: string }).token;
}

/** Half of them stay with one isolate, half move between all. */
async function openSessions(bed: Bed, bearer: string, nowMs: () => number): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let index = 0; index < WRITERS + VISITORS; index++) {
    const home = bed.isolates[index % bed.isolates.length];
    const isolates = index % 2 === 0 && home ? [home] : bed.isolates;
    const name = `session-${index + 1}`;
    if (index >= WRITERS || !home) {
      sessions.push(new Session(name, isolates));
      continue;
    }
    const key = `r${index + 1}`;
    const json = {
      title: titleOf({ key, value: 0 }),
      logline: "A register.",
      genre: "drama",
      format: "feature",
      stage: "script",
    };
    const { body, status } = await ask(
      home,
      { method: "POST", path: "/api/pitches", json, bearer, expected: [201] },
      nowMs,
    );
    if (status !== 201) throw new Error(`the register could not be made: ${status}`);
    sessions.push(new Session(name, isolates, { key, pitchId: (body as { id: string }).id }));
  }
  return sessions;
}

/** The world's map reads from it only where nobody else is. */
async function isOut(bed: Bed, node: string): Promise<boolean> {
  const answer = (await admin(bed, "/admin/replicas").catch(() => undefined)) as
    | { nodes?: { name: string; isOut: boolean }[] }
    | undefined;
  return answer?.nodes?.find(({ name }) => name === node)?.isOut ?? false;
}

/** The state of the isolate's breaker of that node; undefined: it could not be asked. */
async function breakerOf(bed: Bed, isolate: string, node: string | undefined): Promise<string | undefined> {
  const index = bed.isolates.findIndex(({ name }) => name === isolate);
  const answer = (await admin(bed, "/admin/health", index).catch(() => undefined)) as Health | undefined;
  return answer?.nodes.find(({ name }) => name === node)?.breaker.state;
}

interface Health {
  readonly nodes: readonly { readonly name: string; readonly breaker: { readonly state: string } }[];
}

/** No isolate leaves any node alone. */
async function allClosed(bed: Bed): Promise<boolean> {
  const answers = await Promise.all(bed.isolates.map((_, index) => admin(bed, "/admin/health", index)));
  const nodes = answers.flatMap((answer) => (answer as Health).nodes);
  return nodes.every(({ breaker }) => breaker.state === "closed");
}

async function admin(bed: Bed, path: string, index = 0): Promise<unknown> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await bed.isolates[index]?.fetch(path, { headers, signal: AbortSignal.timeout(5_000) });
  return response?.json();
}

function sleep(ms: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    interrupted.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

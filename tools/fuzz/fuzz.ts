import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { apiDocument } from "../generate/apiDocument.ts";
import { connect } from "../migrate/connect.ts";
import { answerCheck } from "./answerCheck.ts";
import { type ApiDocument, apiOperations } from "./apiOperations.ts";
import { castOf } from "./castOf.ts";
import { LANES, PASSWORD } from "./constants.ts";
import { judgeBy } from "./judge.ts";
import { type LaneAccounts, runLane } from "./lane.ts";
import { leakCheck, type Marker } from "./leakCheck.ts";
import { planArbitrary } from "./planArbitrary.ts";
import { plantVictims, type Victims } from "./plantVictims.ts";
import { type Send, sender } from "./send.ts";
import { type FuzzResult, Tally } from "./tally.ts";
import { tamperedRows, victimRows } from "./victimRows.ts";
import { watchStarvation } from "./watchStarvation.ts";

export interface FuzzOptions {
  /** Of a Worker on loopback that nobody else uses. */
  readonly url: string;
  /** Of the primary below it. */
  readonly connectionString: string;
  readonly inputs: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, findings: number) => void;
}

interface Aftermath {
  /** What became of the victims' rows, which nobody but they may change. */
  readonly tampered: readonly string[];
  /** The longest that this process stood still, and that the database and the Worker took where nothing was to be done. */
  readonly slowestMs: Readonly<Record<string, number>>;
}

/**
 * Sends inputs made from the OpenAPI document to a Worker, as several accounts, and looks at every answer: whether it
 * is an error of the server, whether it is off the document, whether it shows what whoever asked may not see.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult & Aftermath> {
  const { url, connectionString, inputs, seed, signal = new AbortController().signal, onProgress } = options;
  const document = apiDocument();
  const operations = apiOperations(document as unknown as ApiDocument); // `tools/generate` made it
  const plans = planArbitrary(operations);
  const client = await connect(connectionString);
  const { send, close } = sender(url, LANES);
  const tally = new Tally(operations);
  const watcher = await connect(connectionString);
  const starvation = watchStarvation({
    database: () => watcher.query("SELECT 1"),
    worker: () => fetch(`${url}/health/live`).then((answer) => answer.text()),
  });
  try {
    const { victims, casts, markers, word } = await people(client, send, seed);
    const before = await victimRows(client, victims);
    const { isStarved } = starvation;
    const judge = judgeBy({ isAsDocumented: answerCheck(document), leaks: leakCheck(word, markers), isStarved });
    await Promise.all(
      casts.map((accounts, lane) =>
        runLane({
          lane,
          seed,
          inputs: Math.floor(inputs / LANES) + (lane < inputs % LANES ? 1 : 0),
          plans,
          origin: url,
          send,
          judge,
          accounts,
          victims: victims.things,
          signal,
          wait: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
          isNew: tally.isNew,
          onFinding: tally.onFinding,
          onAnswer: (operation, status, verdict) => {
            tally.onAnswer(operation, status, verdict);
            onProgress?.(tally.inputs, tally.wrong);
          },
        }),
      ),
    );
    const tampered = tamperedRows(before, await victimRows(client, victims));
    return { ...tally.result(seed), tampered, slowestMs: starvation.worstMs };
  } finally {
    starvation.stop();
    close();
    await client.end();
    await watcher.end();
  }
}

/** Victims, and the accounts of every lane; `markers` grows as accounts are made anew. */
async function people(client: Client, send: Send, seed: number) {
  const word = `fz${seed.toString(36)}x${Date.now().toString(36)}`;
  const passwordHash = await knownHash(send, client, `${word}-first@example.com`);
  const victims = await plantVictims(client, word, passwordHash);
  await mustBeSeenByTheirOwner(send, victims);
  const markers: Marker[] = [...victims.markers];
  const onMarkers = (more: readonly Marker[]) => markers.push(...more);
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    last = last.then(work);
    return last;
  };
  const casts: LaneAccounts[] = [];
  for (let lane = 0; lane < LANES; lane++) {
    casts.push(await castOf(client, { lane, word, passwordHash, victims, onMarkers, inTurn }));
  }
  return { victims, casts, markers, word };
}

/** The hash of `PASSWORD`, of an account that is registered as everybody is. */
async function knownHash(send: Send, client: Client, email: string): Promise<string> {
  const account = { email, password: PASSWORD, name: "Fuzz", role: "creator" };
  const headers = [["Content-Type", "application/json"]] as const;
  const body = Buffer.from(JSON.stringify(account));
  const { status, text } = await send({ method: "POST", path: "/api/auth/register", headers, body });
  if (status !== 201) throw new Error(`The first account was answered ${status}: ${text}`);
  const { rows } = await client.query<{ password_hash: string }>("SELECT password_hash FROM users WHERE email = $1", [
    email,
  ]);
  return rows[0]?.password_hash ?? "";
}

/** Planted text that even its owner is not shown would be looked for in vain. */
async function mustBeSeenByTheirOwner(send: Send, { creator, draftId, markers }: Victims): Promise<void> {
  const headers = [["Authorization", `Bearer ${creator.token}`]] as const;
  const { status, text } = await send({ method: "GET", path: `/api/pitches/${draftId}`, headers, body: undefined });
  const seen = markers.filter((marker) => text.includes(marker.text));
  if (status !== 200 || seen.length < 2) throw new Error(`A victim's own draft was answered ${status}: ${text}`);
}

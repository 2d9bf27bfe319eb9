import { PROMOTION_STEP_MS } from "../database/constants.ts";
import { awaitPromotion } from "../database/statements.ts";
import type { ProbeAnswer } from "../rpc/probing.ts";
import { WATCH_AGAIN_MS, WATCH_PATIENCE_MS, WATCH_STANDBY_MS } from "./constants.ts";
import { type Prober, probe } from "./probes.ts";

interface Heard {
  readonly answer: ProbeAnswer;
  readonly at: number;
}

/**
 * Asks the nodes, and stays with them until one takes writes, for at most `watchMs`: standbys by a question that they
 * answer when they are promoted, the silent ones by asking again. Who still owes his first answer when one takes writes
 * is waited for a moment longer, and then left out as one who is silent. Never throws.
 */
export async function watchNodes(state: Prober, names: readonly string[], watchMs: number): Promise<ProbeAnswer[]> {
  const startedAt = Date.now();
  const heard = new Map<string, Heard>();
  const over = new AbortController();
  const follow = async (name: string): Promise<void> => {
    for (;;) {
      const answer = await probe(state, name);
      const now = Date.now();
      heard.set(name, { answer, at: now });
      if (answer.sample && !answer.sample.inRecovery) over.abort();
      const leftMs = startedAt + watchMs - now;
      if (over.signal.aborted || leftMs < PROMOTION_STEP_MS) return;
      if (answer.sample) await untilPromoted(state, name, Math.min(WATCH_STANDBY_MS, leftMs), over.signal);
      else await pause(Math.min(WATCH_AGAIN_MS, leftMs), over.signal);
      if (over.signal.aborted) return;
    }
  };
  const followed = Promise.all(names.map(follow));
  const found = new Promise<void>((resolve) => over.signal.addEventListener("abort", () => resolve(), { once: true }));
  const isPatient = found.then(() => pause(startedAt + WATCH_PATIENCE_MS - Date.now()));
  // A frozen node's question ends after the watch: nobody would look at the standbys meanwhile.
  const ended = new AbortController();
  await Promise.race([followed, isPatient, pause(watchMs, ended.signal)]);
  ended.abort();
  over.abort();
  const now = Date.now();
  return names.map((name) => {
    const said = heard.get(name);
    return said ? aged(said.answer, now - said.at) : { node: name, outcome: "slow" };
  });
}

/** No evidence of anything: what it says, the question after it tells. So it passes by all that counts and measures. */
async function untilPromoted({ database }: Prober, name: string, ms: number, signal: AbortSignal): Promise<void> {
  const transport = database.nodes.find((node) => node.name === name)?.open();
  if (!transport) return;
  const startedAt = Date.now();
  const given = new AbortController();
  const giveUp = () => given.abort();
  // One that is frozen meanwhile says nothing at its end either.
  const timer = setTimeout(giveUp, ms + WATCH_PATIENCE_MS);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const question = awaitPromotion(Math.floor(ms / PROMOTION_STEP_MS));
    await Promise.race([transport.query(question, given.signal), aborted(given.signal)]);
  } catch {
    // It died, or refuses the question: not faster again than one that is silent.
    await pause(startedAt + WATCH_AGAIN_MS - Date.now(), signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    transport.close().catch(() => {});
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("waited for long enough")), { once: true });
  });
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener("abort", end, { once: true });
  });
}

function aged(answer: ProbeAnswer, byMs: number): ProbeAnswer {
  if (!answer.sample) return answer;
  return { ...answer, sample: { ...answer.sample, ageMs: answer.sample.ageMs + Math.max(0, byMs) } };
}

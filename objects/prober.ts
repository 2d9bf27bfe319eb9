import { type CallMemory, callObject } from "../src/rpc/callObject.ts";
import { MAX_DIGEST_CHARS, PROBE_DEADLINE_MS } from "../src/rpc/constants.ts";
import { type EpochBeginning, type ProbeAnswers, probeAnswerSchema } from "../src/rpc/probing.ts";
import { readMessage } from "../src/rpc/readMessage.ts";
import type { ProberStub } from "../src/rpc/stubs.ts";

const NOTHING: ProbeAnswers = { answers: [] };

/**
 * Asks nodes through the Worker's own entry point, so that no object holds database code; before that it begins an
 * epoch, where one is given; `watchMs`: and stays with them until one takes writes, at most so long; `marks`: and looks for
 * these on each; `outbox`: and asks whoever takes writes what was written since. No answers where that fails.
 */
export async function askNodes(
  ctx: DurableObjectState,
  nodes: readonly string[],
  memory: CallMemory,
  {
    begin,
    watchMs,
    marks,
    outbox,
  }: {
    readonly begin?: EpochBeginning | undefined;
    readonly watchMs?: number | undefined;
    readonly marks?: readonly string[] | undefined;
    readonly outbox?: string | null | undefined;
  } = {},
): Promise<ProbeAnswers> {
  const { exports } = ctx as unknown as { exports?: { Prober?: ProberStub } };
  const prober = exports?.Prober;
  if (!prober || nodes.length === 0) return NOTHING;
  const question = JSON.stringify({
    nodes,
    ...(begin && { begin }),
    ...(watchMs !== undefined && { watchMs }),
    ...(marks && { marks }),
    ...(outbox !== undefined && { outbox }),
  });
  const called = await callObject(
    () => prober,
    (stub) => stub.sample(question),
    { deadlineMs: PROBE_DEADLINE_MS, now: Date.now, random: Math.random, memory },
  );
  if (called.kind === "failed") return NOTHING;
  return readMessage(probeAnswerSchema, called.value, MAX_DIGEST_CHARS) ?? NOTHING;
}

import { sayEpoch } from "./database/sayEpoch.ts";
import { probe } from "./health/probes.ts";
import { watchNodes } from "./health/watchNodes.ts";
import type { IsolateState } from "./isolate.ts";
import { MAX_DIGEST_CHARS } from "./rpc/constants.ts";
import { type ProbeAnswers, probeQuestionSchema } from "./rpc/probing.ts";
import { readMessage } from "./rpc/readMessage.ts";

/**
 * What the Prober entry point does: begins an epoch where one is decided, then asks the nodes all at once, and stays with
 * them where it shall.
 */
export async function answerProbes(state: IsolateState, question: string): Promise<string> {
  const asked = readMessage(probeQuestionSchema, question, MAX_DIGEST_CHARS);
  if (!asked) throw new Error("This is no question that this version understands.");
  const begun = asked.begin && (await sayEpoch(state, asked.begin));
  const known = asked.nodes.filter((name) => state.database.nodes.some((node) => node.name === name));
  const { watchMs, marks, outbox } = asked;
  const answers =
    watchMs === undefined
      ? await Promise.all(known.map((name) => probe(state, name, { marks, outbox })))
      : await watchNodes(state, known, watchMs);
  return JSON.stringify({ answers, ...(begun && { begun }) } satisfies ProbeAnswers);
}

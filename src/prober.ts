import { probe } from "./health/probes.ts";
import type { IsolateState } from "./isolate.ts";
import { MAX_DIGEST_CHARS } from "./rpc/constants.ts";
import { probeQuestionSchema } from "./rpc/probing.ts";
import { readMessage } from "./rpc/readMessage.ts";

/** What the Prober entry point does: asks the nodes all at once, one small question each. */
export async function answerProbes(state: IsolateState, question: string): Promise<string> {
  const asked = readMessage(probeQuestionSchema, question, MAX_DIGEST_CHARS);
  if (!asked) throw new Error("This is no question that this version understands.");
  const known = asked.nodes.filter((name) => state.database.nodes.some((node) => node.name === name));
  const answers = await Promise.all(known.map((name) => probe(state, name)));
  return JSON.stringify({ answers });
}

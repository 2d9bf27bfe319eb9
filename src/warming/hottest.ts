import { ObjectAccess } from "../exchange/objectAccess.ts";
import type { IsolateState } from "../isolate.ts";
import { MAX_DIGEST_CHARS, WIRE } from "../rpc/constants.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { type HeatAnswer, heatAnswerSchema, type WarmClaim, type Warmed } from "../rpc/refreshLease.ts";

/** 10,000 keys of 600 characters and their copies, at most. */
const MAX_HEAT_CHARS = 16 * MAX_DIGEST_CHARS;

/** Copies that one message tells of. */
const MAX_TOLD = 1_000;

/**
 * The hottest keys in the world and their copies; or why they are not known: then nothing is forbidden either. `claim`:
 * what the run that asks is going to load is its own from now on.
 */
export async function hottest(
  { objects, config }: Pick<IsolateState, "objects" | "config">,
  top: number,
  claim: WarmClaim | undefined,
): Promise<HeatAnswer & { readonly trouble?: string }> {
  const none: HeatAnswer = { keys: [], kvWritesLeft: config.cacheKvWritesADay };
  if (!(objects instanceof ObjectAccess)) return { ...none, trouble: "no objects are bound" };
  const question = JSON.stringify({ wire: WIRE, top, kvWritesADay: config.cacheKvWritesADay, claim });
  const called = await objects.cache((stub) => stub.heat(question));
  const heat = called.kind === "answered" ? readMessage(heatAnswerSchema, called.value, MAX_HEAT_CHARS) : undefined;
  return heat ?? { ...none, trouble: "the CacheCoordinator does not answer" };
}

/** So that the next run, and whoever asks for the runway, knows of these copies; with the last of it `run` is over. */
export async function tellWarmed(
  { objects }: Pick<IsolateState, "objects">,
  copies: Warmed["copies"],
  run: string | undefined,
): Promise<void> {
  if (!(objects instanceof ObjectAccess)) return;
  if (copies.length === 0 && run === undefined) return;
  for (let from = 0; from === 0 || from < copies.length; from += MAX_TOLD) {
    const isLast = from + MAX_TOLD >= copies.length;
    const text = JSON.stringify({ wire: WIRE, copies: copies.slice(from, from + MAX_TOLD), ...(isLast && { run }) });
    await objects.cache((stub) => stub.warmed(text));
  }
}

import { ObjectAccess } from "../exchange/objectAccess.ts";
import type { IsolateState } from "../isolate.ts";
import { MAX_REPORT_CHARS } from "../rpc/constants.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { wordsOf } from "../rpc/wordsOf.ts";
import { scrubText } from "../telemetry/errors/scrubText.ts";
import { grantSchema, type RunGrant } from "./runMessages.ts";
import type { WorkDone } from "./work.ts";

type Granted = Extract<RunGrant, { granted: true }>;

/**
 * Runs the work where the journal grants it, and records how it ended. Without objects it runs all the same, since all
 * of it may be done twice: a coordination outage must not end maintenance. Throws what the work threw, or `failed`.
 */
export async function withRun(
  { objects, instruments }: IsolateState,
  { cron, scheduledTime }: { readonly cron: string; readonly scheduledTime: number },
  leaseMs: number,
  work: (granted: Granted | undefined) => Promise<WorkDone>,
): Promise<void> {
  const access = objects instanceof ObjectAccess ? objects : undefined;
  const run = { cron, scheduledTime, runner: crypto.randomUUID() };
  const begun = await access?.cache((stub) => stub.beginRun(JSON.stringify({ ...run, leaseMs })));
  const grant = begun?.kind === "answered" ? readMessage(grantSchema, begun.value, MAX_REPORT_CHARS) : undefined;
  if (grant && !grant.granted) return; // somebody did it, or does it
  let done: WorkDone;
  try {
    done = await work(grant);
  } catch (error) {
    done = { outcome: "failed", note: wordsOf(error), detail: {} };
  }
  done = { ...done, note: scrubText(done.note) }; // kept, shown and logged: a driver's words may repeat its secrets
  instruments.cronRun(cron, done.outcome === "failed" ? "failed" : "ok");
  if (grant) await access?.cache((stub) => stub.endRun(JSON.stringify({ ...run, ...done })));
  if (done.outcome === "failed") throw new Error(`${cron}: ${done.note}`);
}

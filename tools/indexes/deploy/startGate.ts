import { askBreaker, type BreakerAccess } from "./breakerGate.ts";
import { type LedgerNote, note } from "./ledger.ts";
import { lagInTheWay } from "./replicaLag.ts";
import { type Run, waitUntil } from "./run.ts";

/**
 * Waits, in sight, until an index may be started: no replica lags too far, and no node's breaker is open. That it
 * waited is in the ledger, so that whoever comes next knows why nothing went on; a rerun goes on at the next index.
 */
export async function startGate(
  run: Run,
  breaker: BreakerAccess | undefined,
  next: Pick<LedgerNote, "name" | "relation" | "phase" | "statement">,
): Promise<void> {
  let isNoted = false;
  let saidUnknown = false;
  const inTheWay = async (): Promise<string | undefined> => {
    const text = (await lagInTheWay(run)) ?? (await breakerInTheWay());
    if (text !== undefined && !isNoted) {
      isNoted = true;
      await note(run.observer, { ...next, action: "pause", state: "begun", detail: text });
    }
    return text;
  };
  const breakerInTheWay = async (): Promise<string | undefined> => {
    if (!breaker) return undefined;
    const word = await askBreaker(breaker);
    switch (word.kind) {
      case "closed":
        return undefined;
      case "unwell":
        return word.text;
      case "unknown":
        if (breaker.ifUnknown === "wait") return word.text;
        if (!saidUnknown) run.report({ event: "note", name: next.name, text: `${word.text}; going on all the same` });
        saidUnknown = true;
        return undefined;
      default:
        return word satisfies never;
    }
  };
  await waitUntil(run, next.name, inTheWay);
  if (isNoted) await note(run.observer, { ...next, action: "pause", state: "done" });
}

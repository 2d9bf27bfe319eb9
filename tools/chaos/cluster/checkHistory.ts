import { checkSession, checkTold } from "./checkSessions.ts";
import { checkStrict } from "./checkStrict.ts";
import { checkWrite } from "./checkWrites.ts";
import { type Fates, fatesOf } from "./fates.ts";
import type { History, OutcomeOperation, Violation, WriteOperation } from "./history.ts";

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Answered writes that are not there at the end; whoever owns one was told, or it is a violation. */
  readonly possiblyLost: number;
}

/** What the notes on consistency promise, no more and no less, of a whole run. Pure. */
export function checkHistory(history: History): Verdict {
  const { operations, turns } = history;
  const fates = fatesOf(history);
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const violations: Violation[] = [];
  const writes = operations.filter((each): each is WriteOperation => each.kind === "write");
  const writesByKey = Map.groupBy(writes, ({ key }) => key);
  for (const each of operations) {
    violations.push(...checkTold(each, byId, fates));
    if (each.kind !== "read" || each.ending !== "answered") continue;
    if (each.promised === "session") violations.push(...checkSession(each, byId, fates));
    if (each.promised === "strict") violations.push(...checkStrict(each, writesByKey.get(each.key) ?? [], turns));
  }
  for (const requests of requestsByValue(operations).values()) violations.push(...checkWrite(requests, fates));
  violations.push(...missing(writes, fates));
  const possiblyLost = writes.filter(
    (write) => write.ending === "answered" && fates.timesKept(write.key, write.value) === 0,
  );
  return { violations: once(violations), possiblyLost: new Set(possiblyLost.map(nameOf)).size };
}

/** An answered write of the newest epoch, or of one that no line lacks, has no excuse for not being there. */
function missing(writes: readonly WriteOperation[], fates: Fates): Violation[] {
  return writes.flatMap((write): Violation[] => {
    const isMissing = write.ending === "answered" && fates.timesKept(write.key, write.value) === 0;
    if (!isMissing || write.epoch === null || fates.lostIn(write) !== undefined) return [];
    const sentence = `${write.key} = ${write.value} was answered in epoch ${write.epoch}, is on every line that followed, and is gone`;
    return [{ kind: "lost-silently", sentence, operations: [write.id] }];
  });
}

function requestsByValue(operations: History["operations"]): Map<string, (WriteOperation | OutcomeOperation)[]> {
  const of = operations.filter((each): each is WriteOperation | OutcomeOperation => each.kind !== "read");
  return Map.groupBy(of, nameOf);
}

function nameOf({ key, value }: { readonly key: string; readonly value: number }): string {
  return `${key} ${value}`;
}

/** A lost write is told or not once for a session, however many of its reads show it. */
function once(violations: readonly Violation[]): Violation[] {
  const seen = new Set<string>();
  return violations.filter((violation) => {
    if (violation.kind !== "lost-silently") return true;
    const name = String(violation.operations[0]);
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}

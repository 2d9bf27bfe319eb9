import type { Fates } from "./fates.ts";
import type { Operation, OutcomeOperation, Violation, WriteOperation } from "./history.ts";

/**
 * What is promised of one write, all requests for it together: done once at most; not at all where each of them was
 * told that nothing was done, or that it never will be; and there if it was told that it is, unless a line lacks it.
 */
export function checkWrite(requests: readonly (WriteOperation | OutcomeOperation)[], fates: Fates): Violation[] {
  const [first] = requests;
  if (!first) return [];
  const { key, value } = first;
  const operations = requests.map(({ id }) => id);
  const kept = fates.timesKept(key, value);
  if (kept !== undefined && kept > 1) {
    return [{ kind: "duplicate-write", sentence: `${key} = ${value} was written ${kept} times`, operations }];
  }
  const isThere = fates.wasEverThere(key, value);
  const isVoid = requests.some((each) => each.kind === "outcome" && each.state === "void");
  const committed = requests.find((each) => each.kind === "outcome" && each.state === "committed");
  if (committed && committed.epoch !== null && kept === 0 && fates.lostIn(committed) === undefined) {
    return [{ kind: "wrong-outcome", sentence: `${key} = ${value} was called committed and is not there`, operations }];
  }
  const sends = requests.filter((each) => each.kind === "write");
  if (isThere && isVoid && !isSentAgain(requests)) {
    return [{ kind: "wrong-outcome", sentence: `${key} = ${value} was called void and is there`, operations }];
  }
  if (isThere && sends.length > 0 && sends.every(({ ending }) => ending === "refused")) {
    const sentence = `${key} = ${value} was refused, and is there`;
    return [{ kind: "refused-but-written", sentence, operations }];
  }
  return [];
}

/** After it was called void a client may have sent it once more. */
function isSentAgain(requests: readonly Operation[]): boolean {
  const told = requests.filter((each) => each.kind === "outcome" && each.state === "void");
  const lastMs = Math.max(...told.map(({ endMs }) => endMs));
  return requests.some((each) => each.kind === "write" && each.startMs >= lastMs && each.ending !== "refused");
}

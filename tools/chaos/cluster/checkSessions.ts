import type { Fates } from "./fates.ts";
import type { Operation, ReadOperation, Violation, WriteOperation } from "./history.ts";
import { sessionPath } from "./sessionPath.ts";

/**
 * What a session's reads were promised: its own writes, nothing earlier than what it saw, and that it is told of what
 * was lost with the first answer of an epoch that lacks it. An answer that said `unproven` or `rewound` is where sight
 * begins anew; only `lost` excuses a write of its own, and only one that is lost indeed.
 */
export function checkSession(read: ReadOperation, byId: ReadonlyMap<number, Operation>, fates: Fates): Violation[] {
  const path = sessionPath(read, byId);
  return [...ownWrites(path).flatMap((write) => ownWriteTrouble(read, write, path, fates)), ...wentBack(read, path)];
}

/** Who is told that a write is lost has lost one: looked at where the line of that epoch is known. */
export function checkTold(operation: Operation, byId: ReadonlyMap<number, Operation>, fates: Fates): Violation[] {
  const { told, epoch, client, id } = operation;
  if (!told.lost || epoch === null || !fates.isKnown(epoch)) return [];
  const hasLost = ownWrites(sessionPath(operation, byId)).some((write) => {
    const lostIn = fates.lostIn(write);
    return lostIn !== undefined && lostIn <= epoch;
  });
  if (hasLost) return [];
  const sentence = `${client} was told in epoch ${epoch} that a write of its is lost, and has lost none`;
  return [{ kind: "lost-falsely", sentence, operations: [id] }];
}

function ownWrites(path: readonly Operation[]): WriteOperation[] {
  return path.filter((each): each is WriteOperation => each.kind === "write" && each.ending === "answered");
}

function ownWriteTrouble(
  read: ReadOperation,
  write: WriteOperation,
  path: readonly Operation[],
  fates: Fates,
): Violation[] {
  const lostIn = fates.lostIn(write);
  const isGone = lostIn !== undefined && read.epoch !== null && read.epoch >= lostIn;
  if (isGone) {
    const since = path.slice(0, path.indexOf(write));
    if ([read, ...since].some(({ told }) => told.lost)) return [];
    const sentence = `${read.client} was answered in epoch ${read.epoch}, which lacks its write of ${write.key} = ${write.value}, and never heard that it is lost`;
    return [{ kind: "lost-silently", sentence, operations: [write.id, read.id] }];
  }
  // An answer that everybody is given the same brings no token, and so no epoch: whoever was told before goes on from there.
  const wasTold = path.slice(0, path.indexOf(write)).some(({ told }) => told.lost);
  if (lostIn !== undefined && read.epoch === null && wasTold) return [];
  if (write.key !== read.key || read.value >= write.value || read.told.unproven) return [];
  const sentence = `${read.client} wrote ${write.key} = ${write.value} and then read ${read.value}`;
  return [{ kind: "read-your-writes", sentence, operations: [write.id, read.id] }];
}

function wentBack(read: ReadOperation, path: readonly Operation[]): Violation[] {
  if (isAnew(read) || read.isShared) return []; // of copies no order is promised: `staleJumpsOf`
  for (const earlier of path) {
    if (earlier.kind === "read" && earlier.key === read.key && earlier.value > read.value) {
      const sentence = `${read.client} read ${read.key} = ${earlier.value} and then ${read.value}`;
      return [{ kind: "monotonic", sentence, operations: [earlier.id, read.id] }];
    }
    if (isAnew(earlier)) break;
  }
  return [];
}

function isAnew({ told }: Operation): boolean {
  return told.unproven || told.rewound;
}

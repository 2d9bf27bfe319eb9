import * as z from "zod/mini";
import { tagBuckets } from "../cache/tagBuckets.ts";
import { MAX_OUTBOX_MARKS, MAX_TAGS } from "../rpc/constants.ts";
import type { OutboxPage } from "../rpc/probing.ts";
import { readMessage } from "../rpc/readMessage.ts";

const rowsSchema = z.tuple([
  z.string(),
  z.nullable(z.array(z.tuple([z.string(), z.string(), z.array(z.nullable(z.string()))]))),
]);

/**
 * What a primary told of marks since a snapshot (`sampleWithMarks`), and from where to ask on; undefined: no primary's
 * word. A full page ends before its last transaction, which the next one brings whole; where there is no other in it, what
 * it touched is everything.
 */
export function outboxPage(said: unknown): OutboxPage | undefined {
  const rows = typeof said === "string" ? readMessage(rowsSchema, said, Number.POSITIVE_INFINITY) : undefined;
  if (!rows) return undefined;
  const [present, found] = rows;
  const all = (found ?? []).map(([id, xid, tags]) => ({ id, xid: BigInt(xid), buckets: bucketsOf(tags) }));
  const first = all[0];
  const last = all.at(-1);
  if (!first || !last || all.length < MAX_OUTBOX_MARKS) {
    return { snapshot: present, isWhole: true, marks: all.map(({ id, buckets }) => [id, buckets]) };
  }
  if (first.xid === last.xid) {
    return { snapshot: snapshotBefore(present, last.xid + 1n), isWhole: false, marks: [[first.id, null]] };
  }
  const marks = all.filter(({ xid }) => xid !== last.xid);
  return {
    snapshot: snapshotBefore(present, last.xid),
    isWhole: false,
    marks: marks.map(({ id, buckets }) => [id, buckets]),
  };
}

/** A mark that somebody inserted past `breakwater.touch` may carry as many as he likes: more than a write may are all. */
function bucketsOf(tags: readonly (string | null)[]): number[] | null {
  return tags.length > MAX_TAGS ? null : tagBuckets(tags.filter((tag) => tag !== null));
}

/** The snapshot as if transactions from `end` on had not begun. */
function snapshotBefore(snapshot: string, end: bigint): string {
  const [, max = "", running = ""] = snapshot.split(":");
  const xmax = BigInt(max) < end ? BigInt(max) : end;
  const xip = running.split(",").filter((xid) => xid !== "" && BigInt(xid) < xmax);
  return `${xip[0] ?? xmax}:${xmax}:${xip.join(",")}`;
}

import { WIRE } from "../rpc/constants.ts";
import type { Report } from "../rpc/report.ts";
import type { Entries } from "./ledger.ts";

/** What a report says beside what happened: as whom, knowing what, thinking what. */
export type Sender = Pick<Report, "id" | "colo" | "shards" | "have" | "standing"> & {
  readonly checks: Report["asks"]["checks"];
};

/** A report of wire v1. */
export function writeReport(
  seq: number,
  { requests, overMs, outcomes, samples, settle, bumps, sample, bounded }: Entries,
  { id, colo, shards, have, standing, checks }: Sender,
): Report {
  const asks = { checks, sample, bounded };
  return {
    wire: WIRE,
    id,
    seq,
    colo,
    shards,
    overMs,
    requests,
    have,
    outcomes,
    standing,
    samples,
    asks,
    settle,
    bumps,
  };
}

import { MAX_DIGEST_CHARS } from "../../../../src/rpc/constants.ts";

/** Messages as isolates and Collectors send them, with what a test does not care for filled in. */

export const NODE = "node-1"; // the one that wrangler.toml configures

export function standing(changes: object = {}) {
  return {
    node: NODE,
    epoch: 0,
    failedRun: 0,
    slowRun: 0,
    tripped: false,
    successAgeMs: 10,
    failureAgeMs: null,
    queryAgeMs: 10,
    ...changes,
  };
}

export function outcomes(changes: object = {}) {
  return { node: NODE, kind: "read", epoch: 0, ok: 0, failed: 0, slow: 0, excluded: 0, ...changes };
}

/** What a reporter says that just met five failures in a row. */
export const TROUBLE = {
  outcomes: [outcomes({ failed: 5 })],
  standing: [standing({ failedRun: 5, tripped: true, successAgeMs: null, failureAgeMs: 5 })],
};

export function report(id: string, seq: number, changes: object = {}) {
  return {
    wire: 1,
    id,
    seq,
    colo: "FRA",
    shards: 1,
    overMs: 1_000,
    requests: 10,
    have: {},
    outcomes: [outcomes({ ok: 10 })],
    standing: [standing()],
    samples: [],
    asks: { checks: [], sample: false, bounded: false },
    settle: [],
    bumps: [],
    ...changes,
  };
}

const envelope = { wire: 1, collector: "collector:enam:0", reporters: 1 };

export function breakerDigest(changes: object = {}) {
  return { ...envelope, reports: [], calm: [], checks: [], wantsLeases: 0, ...changes };
}

export function trouble(id: string, seq: number) {
  return { id, seq, settle: [], ...TROUBLE };
}

export function replicasDigest(changes: object = {}) {
  return { ...envelope, samples: [], sample: false, bounded: false, verdicts: [], awake: [], ...changes };
}

export function cacheDigest(changes: object = {}) {
  return { ...envelope, haveSeq: 0, bumps: [], heat: [], ...changes };
}

/** What no owner understands: it must refuse each, and change nothing. */
export const NO_DIGESTS: readonly (readonly [string, unknown])[] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["no object", "7"],
  ["an empty object", "{}"],
  ["no text", 7],
  ["of a later wire", JSON.stringify({ ...breakerDigest(), ...replicasDigest(), ...cacheDigest(), wire: 2 })],
  ["beyond all bounds", JSON.stringify({ ...envelope, pad: "x".repeat(MAX_DIGEST_CHARS) })],
];

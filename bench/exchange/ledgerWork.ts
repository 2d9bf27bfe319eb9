import { decide } from "../../src/exchange/decide.ts";
import { Ledger } from "../../src/exchange/ledger.ts";
import { Instruments } from "../../src/telemetry/instruments.ts";

const REQUESTS = 200_000;
const ROUNDS = 15;

/**
 * What the ledger costs a request that reads once, in nanoseconds (the middle of several rounds): counting the request,
 * its attempt and its query, their histograms, and asking whether an exchange is due.
 */
export function ledgerNs(): number {
  const rounds = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b);
  return Math.round(rounds[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}

function round(): number {
  const ledger = new Ledger();
  const instruments = new Instruments({ route: ["/api/pitches"], node: ["node-1"] });
  const pace = {
    startedAt: undefined,
    lastAt: 0,
    lastTookMs: 0,
    gapMs: 5_000,
    failures: 0,
    quotaUntil: 0,
    refreshAfter: 0,
  };
  const startedAt = process.hrtime.bigint();
  for (let index = 0; index < REQUESTS; index++) {
    ledger.request(index);
    ledger.outcome("node-1", "read", "ok", 1);
    instruments.attempt("node-1", "read", "ok", 0.004);
    instruments.query("pitches.browse", 0.004);
    instruments.read("node-1", "any");
    instruments.request("/api/pitches", 200, 0.005);
    decide({ ...pace, urgentAt: ledger.urgentAt, isEmpty: ledger.isEmpty }, 1_000);
  }
  return Number(process.hrtime.bigint() - startedAt) / REQUESTS;
}

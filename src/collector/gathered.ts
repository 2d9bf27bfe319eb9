import { hasTripped } from "../breaker/reporterWords.ts";
import { MAX_DIGEST_BUMPS, MAX_NODES, NOWHERE } from "../rpc/constants.ts";
import type { BreakerDigest, CacheDigest } from "../rpc/digest.ts";
import type { Have } from "../rpc/parts.ts";
import type { Bump, Report, Sample } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import {
  MAX_DIGEST_HEAT,
  MAX_DIGEST_MISSES,
  MAX_DIGEST_REPORTS,
  MAX_GATHERED_HEAT,
  MAX_GATHERED_MISSES,
} from "./constants.ts";
import { nameReporter } from "./nameReporter.ts";
import { olderBy } from "./olderBy.ts";

type Told = BreakerDigest["reports"][number];

/** What calm reports said of one node. Times are the Collector's clock: what waits here grows old. */
interface Calm {
  ok: number;
  excluded: number;
  successAt: number | null;
  queryAt: number | null;
  /** A few that asked it, and their colos. */
  readonly named: Map<string, string>;
}

/** What the next digests will say: reports with trouble one by one, the rest added up. Bounded in everything. */
export class Gathered {
  #reports: { told: Told; at: number }[] = [];
  #calm = new Map<string, Calm>();
  #checks = new Set<string>();
  /** `at`: when the node said it. */
  #samples = new Map<string, { sample: Sample; at: number }>();
  #bumps = new Map<string, Bump>();
  readonly #heat = new Map<string, number>();
  readonly #misses = new Map<string, { misses: number; waitedMs: number }>();
  #sample = false;
  #bounded = false;
  readonly #have: { breaker?: Stamp; replicas?: Stamp; bumps?: Stamp } = {};

  /**
   * Takes in a report; ages in it are as of `now`. `again`: its counts were taken before, and only what owners tell
   * apart by themselves is sent another time. False: no room, the reporter must come again.
   */
  take(report: Report, now: number, again = false): boolean {
    const isEvidence = hasEvidence(report);
    if (isEvidence && !this.#hasRoomFor(report)) return false;
    const newBumps = report.bumps.filter(({ id }) => !this.#bumps.has(id));
    if (this.#bumps.size + newBumps.length > MAX_DIGEST_BUMPS) return false;
    this.#noteHave(report.have);
    if (isEvidence) this.#addReport(report, now);
    else if (!again) this.#addCalm(report, now);
    for (const node of report.asks.checks) if (this.#checks.size < MAX_NODES) this.#checks.add(node);
    for (const sample of report.samples) this.#addSample(sample, now);
    for (const bump of report.bumps) this.#bumps.set(bump.id, bump);
    this.#sample ||= report.asks.sample;
    this.#bounded ||= report.asks.bounded;
    return true;
  }

  /** Hits by key. Loss is allowed: what finds no room, or is in a digest that does not arrive, is told by nobody again. */
  addHeat(heat: readonly (readonly [string, number])[]): void {
    for (const [key, hits] of heat) {
      if (this.#heat.size >= MAX_GATHERED_HEAT && !this.#heat.has(key)) continue;
      this.#heat.set(key, (this.#heat.get(key) ?? 0) + hits);
    }
  }

  /** What visitors waited for, by key. Loss is allowed, as of heat. */
  addMisses(all: readonly (readonly [string, number, number])[]): void {
    for (const [key, misses, waitedMs] of all) {
      if (this.#misses.size >= MAX_GATHERED_MISSES && !this.#misses.has(key)) continue;
      const known = this.#misses.get(key) ?? { misses: 0, waitedMs: 0 };
      this.#misses.set(key, { misses: known.misses + misses, waitedMs: known.waitedMs + waitedMs });
    }
  }

  haveOf(owner: "breaker" | "replicas" | "bumps"): { have?: Stamp } {
    const have = this.#have[owner];
    return have ? { have } : {};
  }

  takeBreaker(now: number): Pick<BreakerDigest, "reports" | "calm" | "checks"> {
    const reports = this.#reports.map(({ told, at }) => ({ ...told, standing: olderBy(told.standing, now - at) }));
    const calm = Array.from(this.#calm, ([node, { ok, excluded, successAt, queryAt, named }]) => ({
      node,
      ok,
      excluded,
      successAgeMs: ageOf(successAt, now),
      queryAgeMs: ageOf(queryAt, now),
      reporters: [...named.keys()],
      colos: [...named.values()],
    }));
    const taken = { reports, calm, checks: [...this.#checks] };
    this.#reports = [];
    this.#calm = new Map();
    this.#checks = new Set();
    return taken;
  }

  takeReplicas(now: number): { samples: Sample[]; sample: boolean; bounded: boolean } {
    const samples = Array.from(this.#samples.values(), ({ sample, at }) => ({
      ...sample,
      ageMs: Math.max(0, now - at),
    }));
    const taken = { samples, sample: this.#sample, bounded: this.#bounded };
    this.#samples = new Map();
    this.#sample = false;
    this.#bounded = false;
    return taken;
  }

  takeCache(): Pick<CacheDigest, "bumps" | "heat" | "misses"> {
    const heat = [...this.#heat].sort(([, a], [, b]) => b - a).slice(0, MAX_DIGEST_HEAT);
    const misses = Array.from(this.#misses, ([key, each]): [string, number, number] => [
      key,
      each.misses,
      each.waitedMs,
    ])
      .sort(([, , a], [, , b]) => b - a)
      .slice(0, MAX_DIGEST_MISSES);
    const taken = { bumps: [...this.#bumps.values()], heat, ...(misses.length > 0 && { misses }) };
    this.#bumps = new Map();
    for (const [key] of heat) this.#heat.delete(key); // the rest adds up
    for (const [key] of misses) this.#misses.delete(key);
    return taken;
  }

  #hasRoomFor({ id, seq }: Report): boolean {
    return this.#reports.length < MAX_DIGEST_REPORTS || this.#reports.some(({ told }) => isSame(told, id, seq));
  }

  #addReport(report: Report, now: number): void {
    const { id, seq, outcomes, standing, settle } = report;
    this.#reports = this.#reports.filter(({ told }) => !isSame(told, id, seq));
    this.#reports.push({ told: { id, seq, colo: coloOf(report), outcomes, standing, settle }, at: now });
  }

  #addCalm(report: Report, now: number): void {
    const { id, outcomes, standing } = report;
    for (const { node, ok, excluded } of outcomes) {
      const calm = this.#calmOf(node);
      calm.ok += ok;
      calm.excluded += excluded;
      nameReporter(calm.named, id, coloOf(report));
    }
    for (const { node, successAgeMs, queryAgeMs } of standing) {
      const calm = this.#calmOf(node);
      calm.successAt = newest(calm.successAt, successAgeMs, now);
      calm.queryAt = newest(calm.queryAt, queryAgeMs, now);
    }
  }

  #calmOf(node: string): Calm {
    const known = this.#calm.get(node);
    if (known) return known;
    const calm: Calm = { ok: 0, excluded: 0, successAt: null, queryAt: null, named: new Map() };
    if (this.#calm.size < MAX_NODES) this.#calm.set(node, calm);
    return calm;
  }

  #addSample(sample: Sample, now: number): void {
    const at = now - sample.ageMs;
    const known = this.#samples.get(sample.node);
    if (known && known.at >= at) return;
    if (known || this.#samples.size < MAX_NODES) this.#samples.set(sample.node, { sample, at });
  }

  #noteHave({ breaker, replicas, bumps }: Have): void {
    for (const [owner, stamp] of [
      ["breaker", breaker],
      ["replicas", replicas],
      ["bumps", bumps],
    ] as const) {
      const known = this.#have[owner];
      if (stamp && (!known || compareStamps(stamp, known) > 0)) this.#have[owner] = stamp;
    }
  }
}

/** Whether the report can change a verdict: trouble, or the end of a lease. */
export function hasEvidence({ outcomes, standing, settle }: Report): boolean {
  return settle.length > 0 || standing.some(hasTripped) || outcomes.some(({ failed, slow }) => failed + slow > 0);
}

/** To owners an isolate that does not know where it is has no colo. */
function coloOf({ colo }: Report): string {
  return colo === NOWHERE ? "" : colo;
}

function isSame(told: Told, id: string, seq: number): boolean {
  return told.id === id && told.seq === seq;
}

function newest(at: number | null, ageMs: number | null, now: number): number | null {
  if (ageMs === null) return at;
  return Math.max(at ?? Number.NEGATIVE_INFINITY, now - ageMs);
}

function ageOf(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, now - at);
}

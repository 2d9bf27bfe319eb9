import { hasTrouble } from "../breaker/worldEvidence.ts";
import { MAX_DIGEST_BUMPS, MAX_NAMED_REPORTERS, MAX_NODES } from "../rpc/constants.ts";
import type { BreakerDigest, CacheDigest } from "../rpc/digest.ts";
import type { Have } from "../rpc/parts.ts";
import type { Bump, Report, Sample } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { MAX_DIGEST_REPORTS } from "./constants.ts";

type Calm = BreakerDigest["calm"][number];

/** What the next digests will say: reports with trouble one by one, the rest added up. Bounded in everything. */
export class Gathered {
  #reports: BreakerDigest["reports"] = [];
  #calm = new Map<string, Calm>();
  #checks = new Set<string>();
  #samples = new Map<string, Sample>();
  #bumps = new Map<string, Bump>();
  #heat = new Map<string, number>();
  #sample = false;
  #bounded = false;
  readonly #have: { breaker?: Stamp; replicas?: Stamp; bumps?: Stamp } = {};

  /** Takes in a report; ages in it are as of now. False: no room, the reporter must come again. */
  take(report: Report): boolean {
    if (hasEvidence(report) && this.#reports.length >= MAX_DIGEST_REPORTS) return false;
    if (this.#bumps.size + report.bumps.length > MAX_DIGEST_BUMPS) return false;
    this.#noteHave(report.have);
    if (hasEvidence(report)) {
      const { id, seq, outcomes, standing, settle } = report;
      this.#reports.push({ id, seq, outcomes, standing, settle });
    } else {
      this.#addCalm(report);
    }
    for (const node of report.asks.checks) if (this.#checks.size < MAX_NODES) this.#checks.add(node);
    for (const sample of report.samples) this.#addSample(sample);
    for (const bump of report.bumps) this.#bumps.set(bump.id, bump);
    this.#sample ||= report.asks.sample;
    this.#bounded ||= report.asks.bounded;
    return true;
  }

  addHeat(heat: readonly (readonly [string, number])[]): void {
    for (const [key, hits] of heat) {
      if (this.#heat.size < 256 || this.#heat.has(key)) this.#heat.set(key, (this.#heat.get(key) ?? 0) + hits);
    }
  }

  haveOf(owner: "breaker" | "replicas" | "bumps"): { have?: Stamp } {
    const have = this.#have[owner];
    return have ? { have } : {};
  }

  takeBreaker(): Pick<BreakerDigest, "reports" | "calm" | "checks"> {
    const taken = { reports: this.#reports, calm: [...this.#calm.values()], checks: [...this.#checks] };
    this.#reports = [];
    this.#calm = new Map();
    this.#checks = new Set();
    return taken;
  }

  takeReplicas(): { samples: Sample[]; sample: boolean; bounded: boolean } {
    const taken = { samples: [...this.#samples.values()], sample: this.#sample, bounded: this.#bounded };
    this.#samples = new Map();
    this.#sample = false;
    this.#bounded = false;
    return taken;
  }

  takeCache(): Pick<CacheDigest, "bumps" | "heat"> {
    const taken = { bumps: [...this.#bumps.values()], heat: [...this.#heat] };
    this.#bumps = new Map();
    this.#heat = new Map();
    return taken;
  }

  #addCalm({ id, outcomes, standing }: Report): void {
    for (const { node, ok, excluded } of outcomes) {
      const calm = this.#calmOf(node);
      calm.ok += ok;
      calm.excluded += excluded;
      if (calm.reporters.length < MAX_NAMED_REPORTERS && !calm.reporters.includes(id)) calm.reporters.push(id);
    }
    for (const { node, successAgeMs, queryAgeMs } of standing) {
      const calm = this.#calmOf(node);
      calm.successAgeMs = youngest(calm.successAgeMs, successAgeMs);
      calm.queryAgeMs = youngest(calm.queryAgeMs, queryAgeMs);
    }
  }

  #calmOf(node: string): Calm {
    const known = this.#calm.get(node);
    if (known) return known;
    const calm: Calm = { node, ok: 0, excluded: 0, successAgeMs: null, queryAgeMs: null, reporters: [] };
    if (this.#calm.size < MAX_NODES) this.#calm.set(node, calm);
    return calm;
  }

  #addSample(sample: Sample): void {
    const known = this.#samples.get(sample.node);
    if (known && known.ageMs <= sample.ageMs) return;
    if (known || this.#samples.size < MAX_NODES) this.#samples.set(sample.node, sample);
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
  return settle.length > 0 || standing.some(hasTrouble) || outcomes.some(({ failed, slow }) => failed + slow > 0);
}

function youngest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

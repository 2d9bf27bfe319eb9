import { SOFT_HORIZON_MS } from "../breaker/constants.ts";
import type { WorldWord } from "../breaker/effective.ts";
import { CLOCK_SKEW_MS } from "../rpc/constants.ts";
import { ageOf, type Held, handOn, hold, later } from "../rpc/held.ts";
import { joinBumps, withPurgesOf } from "../rpc/joinBumps.ts";
import type { BreakerPart, BumpsPart, Have, Parts, ReplicasPart } from "../rpc/parts.ts";
import { compareStamps, type Stamp, stampOf } from "../rpc/stamp.ts";

/** Which parts are other statements than before. */
export interface Changes {
  readonly breaker: boolean;
  readonly replicas: boolean;
  readonly bumps: boolean;
}

/**
 * What the world decided, as this isolate knows it: three parts, each its owner's word with the age of that word. They
 * are joined one by one, the later statement winning, so that order, repeats and ways do not matter.
 */
export class View {
  #breaker: Held<BreakerPart> | undefined;
  #replicas: Held<ReplicasPart> | undefined;
  #bumps: Held<BumpsPart> | undefined;
  /** Past this age a word is no longer fresh: twice the pace of exchanges. */
  softMs = SOFT_HORIZON_MS;

  /** Takes in parts. `elapsedMs`: how long the call took, or the copy lay there. */
  adopt(parts: Parts, elapsedMs: number, now: number, viaNeighbour = false): Changes {
    const heldBefore = [this.#breaker?.part, this.#replicas?.part, this.#bumps?.part];
    const breaker = believable(parts.breaker, now);
    const replicas = believable(parts.replicas, now);
    const bumps = believable(parts.bumps, now);
    if (breaker) this.#breaker = later(hold(breaker, elapsedMs, now, viaNeighbour), this.#breaker, now);
    if (replicas) this.#replicas = later(hold(replicas, elapsedMs, now, viaNeighbour), this.#replicas, now);
    const whole = bumps && wholeBumps(bumps, this.#bumps?.part);
    if (whole) this.#bumps = later(hold(whole, elapsedMs, now, viaNeighbour), this.#bumps, now);
    return {
      breaker: isOther(heldBefore[0], this.#breaker?.part),
      replicas: isOther(heldBefore[1], this.#replicas?.part),
      bumps: isOther(heldBefore[2], this.#bumps?.part),
    };
  }

  get breaker(): Held<BreakerPart> | undefined {
    return this.#breaker;
  }

  get replicas(): Held<ReplicasPart> | undefined {
    return this.#replicas;
  }

  get bumps(): Held<BumpsPart> | undefined {
    return this.#bumps;
  }

  /** The world's word on a node; undefined: none yet. */
  word(node: string, now: number): WorldWord | undefined {
    if (!this.#breaker) return undefined;
    return {
      verdict: this.#breaker.part.nodes.find((verdict) => verdict.node === node),
      ageMs: ageOf(this.#breaker, now),
      softMs: this.softMs,
      viaNeighbour: this.#breaker.viaNeighbour,
      reporters: this.#breaker.part.reporters,
    };
  }

  /** The world's epoch of a node's breaker; 0 where nothing was heard. */
  epochOf(node: string): number {
    return this.#breaker?.part.nodes.find((verdict) => verdict.node === node)?.epoch ?? 0;
  }

  /** Age of the oldest of the three words; Infinity where one is missing. */
  ageMs(now: number): number {
    const parts = [this.#breaker, this.#replicas, this.#bumps];
    return Math.max(...parts.map((held) => (held ? ageOf(held, now) : Number.POSITIVE_INFINITY)));
  }

  have(): Have {
    const bumps = this.#bumps?.part;
    return {
      ...(this.#breaker ? { breaker: stampOf(this.#breaker.part) } : {}),
      ...(this.#replicas ? { replicas: stampOf(this.#replicas.part) } : {}),
      ...(bumps ? { bumps: { ...stampOf(bumps), seq: bumps.seq } } : {}),
    };
  }

  /** All of it, with ages as of now, for a neighbour. */
  handOn(now: number): Parts {
    return {
      ...(this.#breaker ? { breaker: handOn(this.#breaker, now) } : {}),
      ...(this.#replicas ? { replicas: handOn(this.#replicas, now) } : {}),
      ...(this.#bumps ? { bumps: handOn(this.#bumps, now) } : {}),
    };
  }
}

/**
 * The part, unless its owner was created later than now. Nobody ever said it; held, it would outrank every true word,
 * and each report that names it would be refused.
 */
function believable<P extends Stamp>(part: P | undefined, now: number): P | undefined {
  return part && part.incarnation <= now + CLOCK_SKEW_MS ? part : undefined;
}

/** A part of bumps that tells everything; undefined where what it continues is not here. */
function wholeBumps(part: BumpsPart, known: BumpsPart | undefined): BumpsPart | undefined {
  if (part.since === 0) return known ? withPurgesOf(part, known) : part;
  if (!known || known.incarnation !== part.incarnation || known.seq < part.since) return undefined;
  return joinBumps(part, known);
}

function isOther(before: Stamp | undefined, after: Stamp | undefined): boolean {
  if (!before || !after) return before !== after;
  return compareStamps(before, after) !== 0;
}

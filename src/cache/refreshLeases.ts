import * as z from "zod/mini";
import { readMessage } from "../rpc/readMessage.ts";
import type { LeaseAnswer, LeaseQuestion, Publication } from "../rpc/refreshLease.ts";
import { LEASE_MS, MAX_LEASED_KEYS, PUBLISHED_ASK_MS, SETTLE_MS, TAKEN_ASK_MS } from "./constants.ts";

/** What is known of who loads a key, or loaded it. */
interface Turn {
  /** The last lease given for it; and until when it holds the others off. */
  readonly lease: string;
  readonly until: number;
  /** When the last lease ends, though what was published under it ended its hold before. */
  readonly endsAt: number;
  /** When the copy that was published last was begun to load, and when that was told; undefined: none was. */
  readonly loadedAt?: number;
  readonly publishedAt?: number;
}

const rowSchema = z.object({ life: z.number() });

/**
 * One loader of a key in the world. A lease ends by itself: a holder that died costs its time and nothing else. What is
 * published under one that somebody else was given since is refused, so that an old answer is not written over a newer.
 *
 * Leases are memory. An instance that forgot them may give one a second time, which is one load more; whom it gives a key
 * to it knows, and refuses the other. What is stored is a number, once by an instance that gives any: a lease names the
 * life it is of, and counts afterwards only where no life came between that one and this. Within a life nobody else is
 * given the key until the lease ends: where somebody is, since it was published under, another life begins.
 */
export class RefreshLeases {
  /** The last life before this instance that gave leases; and this one's. */
  readonly #before: number;
  #life: number;
  #given = 0;
  /** The longest untouched first. */
  readonly #turns = new Map<string, Turn>();

  constructor(rows: ReadonlyMap<string, string>) {
    this.#before = readMessage(rowSchema, rows.get("leases"), Number.POSITIVE_INFINITY)?.life ?? 0;
    this.#life = this.#before + 1;
  }

  /** To be durable before a lease is told. */
  toRows(): Map<string, string> {
    return new Map(this.#given === 0 ? [] : [["leases", JSON.stringify({ life: this.#life })]]);
  }

  /** Leases that are held now. */
  held(now: number): number {
    return [...this.#turns.values()].filter((turn) => isHeld(turn, now)).length;
  }

  get keys(): number {
    return this.#turns.size;
  }

  /**
   * Whoever has the newest copy there is and still wants another has good reason to. Whoever has an older one will see the
   * newer: where his colo does not show it after a moment (KV takes a minute to), his colo has a lease of its own, so that
   * what was written is seen everywhere within seconds, for one load in each colo that wants it.
   */
  ask({ key, loadedAt, colo }: Pick<LeaseQuestion, "key" | "loadedAt" | "colo">, now: number): LeaseAnswer {
    const turn = this.#turns.get(key);
    if (turn?.loadedAt !== undefined && turn.publishedAt !== undefined && loadedAt < turn.loadedAt) {
      const sinceMs = now - turn.publishedAt;
      if (sinceMs >= 0 && sinceMs < PUBLISHED_ASK_MS && !isHeld(turn, now)) {
        return { kind: "published", loadedAt: turn.loadedAt, afterMs: PUBLISHED_ASK_MS - sinceMs };
      }
      if (sinceMs >= PUBLISHED_ASK_MS && sinceMs < SETTLE_MS) return this.#grant(ofColo(key, colo), now, colo);
    }
    return this.#grant(key, now);
  }

  #grant(name: string, now: number, colo = ""): LeaseAnswer {
    const turn = this.#turns.get(name);
    if (turn && isHeld(turn, now)) return { kind: "taken", afterMs: Math.min(TAKEN_ASK_MS, turn.until - now) };
    if (turn && now <= turn.endsAt) this.#life++;
    const until = now + LEASE_MS;
    const lease = `${this.#life}.${++this.#given}.${until}.${colo}`;
    this.#set(name, { ...turn, lease, until, endsAt: until });
    return { kind: "granted", lease, expiresInMs: LEASE_MS };
  }

  /**
   * Whether what was loaded may be written where others see it. A load that failed (no hash) is written nowhere, and its
   * lease is kept until it ends: that is the pause before the next try. Whoever loaded without a lease (an empty one) may
   * write unless somebody else is at it, or published a newer one. What will not be written nobody is told to look for.
   * What was loaded for one colo stays there.
   */
  publish(
    {
      key,
      lease,
      hash,
      loadedAt,
      willWrite = true,
    }: Pick<Publication, "key" | "lease" | "hash" | "loadedAt" | "willWrite">,
    now: number,
  ): boolean {
    const colo = coloOf(lease);
    if (colo !== "") {
      const own = this.#turns.get(ofColo(key, colo));
      if (own?.lease === lease && hash !== "") this.#set(ofColo(key, colo), { ...own, until: 0 });
      return false;
    }
    const turn = this.#turns.get(key);
    if (hash === "" || !this.#isLast(turn, lease, now)) return false;
    if (turn?.loadedAt !== undefined && loadedAt < turn.loadedAt) return false;
    const endsAt = Math.max(turn?.endsAt ?? 0, endOf(lease));
    this.#set(key, { lease, until: 0, endsAt, loadedAt, ...(willWrite && { publishedAt: now }) });
    return true;
  }

  /** Whether nobody was given the key after this lease. */
  #isLast(turn: Turn | undefined, lease: string, now: number): boolean {
    if (lease === "") return turn === undefined || !isHeld(turn, now);
    if (turn?.lease === lease) return true;
    const leftMs = endOf(lease) - now;
    return turn === undefined && lifeOf(lease) === this.#before && leftMs >= 0 && leftMs <= LEASE_MS;
  }

  #set(key: string, turn: Turn): void {
    this.#turns.delete(key);
    this.#turns.set(key, turn);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= MAX_LEASED_KEYS) return;
      this.#turns.delete(oldest); // what is published under its lease is refused from now on
    }
  }
}

function lifeOf(lease: string): number {
  return Number(lease.split(".")[0]);
}

/** Empty: it is of the whole world. */
function coloOf(lease: string): string {
  return lease.split(".").slice(3).join(".");
}

/** What a colo's own turn with a key is called; no key has such a character. */
function ofColo(key: string, colo: string): string {
  return `${key}\u0000${colo}`;
}

/** 0 of one that was never given. */
function endOf(lease: string): number {
  return Number(lease.split(".")[2] ?? 0) || 0;
}

/** One from further ahead than any lease is long was given before the clock was set back. */
function isHeld({ until }: Turn, now: number): boolean {
  return until > now && until - now <= LEASE_MS;
}

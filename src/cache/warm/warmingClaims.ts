import { MAX_CLAIM_MS } from "../../rpc/constants.ts";
import type { WarmClaim } from "../../rpc/refreshLease.ts";
import { MAX_HOT_KEYS } from "../constants.ts";
import { CLAIM_GRACE_MS } from "./constants.ts";
import { planWarming } from "./planWarming.ts";
import type { HotKey } from "./warmFacts.ts";

interface Claim {
  readonly run: string;
  readonly until: number;
}

/** The database is as the run sees it, or it would not ask. */
const WELL = { isOpen: false, isAsleep: false, lagMs: null, load: 0 };

/**
 * Which warming run loads which keys, so that two at a time load each once. A run that died keeps nothing longer than its
 * time: a message only frees it sooner. In memory alone, since all that forgetting costs is a second load; at most
 * `MAX_HOT_KEYS`, and what finds no room is claimed by nobody.
 */
export class WarmingClaims {
  readonly #claims = new Map<string, Claim>();

  /** How many keys some run is loading. */
  held(now: number): number {
    this.#expire(now);
    return this.#claims.size;
  }

  /** Claims of these keys what the run will load of them by its own plan; `joined`: those that another one has. */
  take(claim: WarmClaim, keys: readonly HotKey[], now: number): { joined: string[]; claimed: number } {
    this.#expire(now);
    const { run, leftMs, subrequests, isRecovering, next } = claim;
    const isOthers = ({ key }: HotKey) => (this.#claims.get(key)?.run ?? run) !== run;
    const { load } = planWarming({
      now,
      keys: keys.filter((each) => !isOthers(each)),
      database: { ...WELL, isRecovering },
      budget: { subrequestsLeft: subrequests, kvWrites: 1, leftMs },
      next,
    });
    const joined = keys.filter(isOthers).map(({ key }) => key);
    const isNew = ({ key }: { readonly key: string }) => !this.#claims.has(key);
    const room = MAX_HOT_KEYS - this.#claims.size;
    const claimed = [...load.filter((each) => !isNew(each)), ...load.filter(isNew).slice(0, room)];
    for (const { key } of claimed) this.#claims.set(key, { run, until: now + leftMs + CLAIM_GRACE_MS });
    return { joined, claimed: claimed.length };
  }

  /** The run is over. What another one claimed since is not its own to free. */
  release(run: string): void {
    for (const [key, claim] of this.#claims) if (claim.run === run) this.#claims.delete(key);
  }

  /** Also those that a clock which went back would keep for longer than any run takes. */
  #expire(now: number): void {
    for (const [key, { until }] of this.#claims) {
      if (until <= now || until - now > MAX_CLAIM_MS + CLAIM_GRACE_MS) this.#claims.delete(key);
    }
  }
}

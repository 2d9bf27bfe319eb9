import type { GrantedLease } from "../rpc/digest.ts";
import type { Lease } from "../rpc/reply.ts";
import { LEASE_KEPT_MS } from "./constants.ts";

interface Waiting {
  readonly lease: GrantedLease;
  readonly at: number;
}

/** Leases that came and wait for a reporter to take them along: all for the first that comes, none for the second. */
export class LeaseTray {
  #leases: Waiting[] = [];

  /** `at`: when they were asked for, since nobody knows when within the call they were granted. */
  put(leases: readonly GrantedLease[], at: number): void {
    this.#leases.push(...leases.map((lease) => ({ lease, at })));
  }

  /** Those that have not expired, with the time they still have; and are meant for this colo, or for nobody that came. */
  take(now: number, colo: string): Lease[] {
    const isKept = ({ lease, at }: Waiting) => lease.besides === colo && Math.abs(now - at) < LEASE_KEPT_MS;
    const taken = this.#leases
      .filter((each) => !isKept(each))
      .map(({ lease: { besides: _, ...lease }, at }) => ({
        ...lease,
        expiresInMs: lease.expiresInMs - Math.max(0, now - at),
      }))
      .filter(({ expiresInMs }) => expiresInMs > 0);
    this.#leases = this.#leases.filter(isKept);
    return taken;
  }
}

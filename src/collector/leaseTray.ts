import type { Lease } from "../rpc/reply.ts";

/** Leases that came and wait for a reporter to take them along: all for the first that comes, none for the second. */
export class LeaseTray {
  #leases: { lease: Lease; at: number }[] = [];

  /** `at`: when they were asked for, since nobody knows when within the call they were granted. */
  put(leases: readonly Lease[], at: number): void {
    this.#leases.push(...leases.map((lease) => ({ lease, at })));
  }

  /** Those that have not expired, with the time they still have. */
  take(now: number): Lease[] {
    const taken = this.#leases
      .map(({ lease, at }) => ({ ...lease, expiresInMs: lease.expiresInMs - Math.max(0, now - at) }))
      .filter(({ expiresInMs }) => expiresInMs > 0);
    this.#leases = [];
    return taken;
  }
}

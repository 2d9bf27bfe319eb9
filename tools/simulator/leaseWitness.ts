import type { BreakerAnswer } from "../../src/rpc/digest.ts";
import type { Lease } from "../../src/rpc/reply.ts";
import { compareStamps, type Stamp, stampOf } from "../../src/rpc/stamp.ts";

/** Stands beside the breaker's object and remembers what its instances may forget: who holds a lease, what was said. */
export class LeaseWitness {
  #live: { id: string; node: string; expiresAt: number }[] = [];
  #stamp: Stamp | undefined;
  /** The most probes that lived at one time for one node. */
  mostLive = 0;
  granted = 0;
  /** A later word carried an earlier stamp. */
  falls = 0;
  /** When the owner spoke last. */
  saidAt = Number.NEGATIVE_INFINITY;

  answered({ part, leases }: BreakerAnswer, now: number): void {
    const stamp = stampOf(part);
    if (this.#stamp && compareStamps(stamp, this.#stamp) < 0) this.falls++;
    this.#stamp = stamp;
    this.saidAt = now;
    this.grantedLeases(leases, now);
  }

  grantedLeases(leases: readonly Lease[], now: number): void {
    this.#live = this.#live.filter(({ expiresAt }) => expiresAt > now);
    for (const { id, kind, node, expiresInMs } of leases) {
      if (kind !== "probe") continue;
      this.granted++;
      this.#live.push({ id, node, expiresAt: now + expiresInMs });
      this.mostLive = Math.max(this.mostLive, this.#live.filter((lease) => lease.node === node).length);
    }
  }

  settled(id: string): void {
    this.#live = this.#live.filter((lease) => lease.id !== id);
  }
}

import type { Reply } from "../rpc/reply.ts";
import { MOVE_AFTER_FAILURES, RETURN_AFTER_MS } from "./constants.ts";
import type { Station } from "./exchangePorts.ts";

/** Which Collector an isolate reports to: the shard that is its own, or for a while a neighbour of that. */
export class Home {
  #shards = 1;
  #offset = 0;
  #movedAt = 0;
  /** It went back, and nobody answered there yet. */
  #isReturning = false;

  /** How many shards this isolate knows of. */
  get shards(): number {
    return this.#shards;
  }

  /** At home, and to stay: what only one Collector may know can be begun here. */
  get isSteady(): boolean {
    return this.#offset === 0;
  }

  collector({ id, hint }: Station): string {
    const shards = Math.max(this.#shards, this.isSteady ? 1 : 2);
    return `collector:${hint}:${((hashOf(id) % this.#shards) + this.#offset) % shards}`;
  }

  /** Whoever just went back leaves again after one failure: where it came from somebody answered. */
  failed(failures: number, now: number): void {
    if (failures % MOVE_AFTER_FAILURES !== 0 && !this.#isReturning) return;
    this.#isReturning = false;
    this.#offset++;
    this.#movedAt = now;
  }

  /**
   * How often the gap is doubled after so many failures. The first other shard is tried as soon as if nothing had
   * failed: within the hard horizon of what this isolate heard last.
   */
  doublings(failures: number): number {
    return failures < MOVE_AFTER_FAILURES ? failures : failures - MOVE_AFTER_FAILURES;
  }

  /** Before an exchange: back to the own shard, after a while. */
  returnIfDue(now: number): void {
    if (this.isSteady || Math.abs(now - this.#movedAt) < RETURN_AFTER_MS) return;
    this.#offset = 0;
    this.#isReturning = true;
  }

  /** The Collector said into how many shards its reporters go. `isBulkPending`: that is still owed to this home. */
  heard({ shards }: Reply, isBulkPending: boolean): void {
    this.#isReturning = false;
    if (!isBulkPending) this.#shards = shards;
  }
}

/** Spreads reporters over shards; ids are random already. */
function hashOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  return hash;
}

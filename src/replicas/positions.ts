import type { Sample } from "../rpc/report.ts";
import { SILENT_MS } from "./constants.ts";
import type { Behind } from "./lagBound.ts";
import { PrimaryLog } from "./primaryLog.ts";
import type { KnownSample } from "./replicaEntry.ts";

/** How far each node was when it was heard of last, beside where the primary's log was, and when. */
export class Positions {
  readonly #samples = new Map<string, KnownSample>();
  readonly #log = new PrimaryLog();

  /** The last that was heard of the node. */
  sampleOf(node: string): KnownSample | undefined {
    return this.#samples.get(node);
  }

  keep(sample: Sample, now: number): void {
    const at = now - sample.ageMs;
    const known = this.#samples.get(sample.node);
    // One from later than now was before the clock was set back.
    if (!known || known.at <= at || known.at > now) this.#samples.set(sample.node, { ...sample, at });
  }

  /** Where the primary's log was at that time, of this epoch; null: it did not say. */
  primaryWas(primary: string, epoch: string | null, position: string | null, at: number): void {
    this.#log.follow(primary, epoch);
    if (position !== null) this.#log.note(at, BigInt(position));
  }

  /** By how much a replica is behind at most. */
  lagMs(node: string, now: number): number | null {
    const sample = this.#samples.get(node);
    return sample ? this.#log.lagMs(sample, now) : null;
  }

  /** By how much it was behind at least when it was looked at, and may be by now. Of a sample that is too old nobody knows what became of it. */
  behind(node: string, now: number): Behind | null {
    const sample = this.#samples.get(node);
    return sample && now - sample.at <= SILENT_MS ? this.#log.behind(sample, sample.at, now) : null;
  }
}

import type { FlightPorts } from "./coalesce.ts";
import type { CacheEntry } from "./entry.ts";
import type { Seen } from "./lookFarther.ts";
import type { Owed } from "./owed.ts";
import type { MissCause, RefreshWhen } from "./policy.ts";
import type { SharedPolicy } from "./sharedRoute.ts";
import type { TierName } from "./tiers/tier.ts";

/**
 * How a load is to be made: for a visitor as anybody, or as somebody who is owed writes; or behind an answer (`proven`),
 * from who holds every bump where there is one. `before`: the copy that it follows.
 */
export interface LoadOptions {
  readonly as: "any" | "owed" | "proven";
  readonly before: CacheEntry | undefined;
}

/** One request for a shared answer. */
export interface SharedRequest {
  readonly key: string;
  /** The route's template, by which it is counted. */
  readonly route: string;
  readonly policy: SharedPolicy;
  readonly buckets: readonly number[];
  /** What whoever asks is owed of these buckets; nothing for most. */
  readonly owed: readonly Owed[];
  /** Never waits beyond the request's own deadline. Rejects with what the visitor would be told. */
  readonly load: (options: LoadOptions) => Promise<CacheEntry>;
  readonly flight: FlightPorts;
}

/** `loaded`: from the database, for this request or one beside it. */
export type ServedAs = "fresh" | "stale" | "error" | "loaded";

export interface Served {
  readonly entry: CacheEntry;
  readonly as: ServedAs;
  /** Where the copy lay; undefined: it was loaded. */
  readonly from: TierName | undefined;
  /** Why memory's copy did not do; undefined: it did. */
  readonly nearCause: MissCause | undefined;
  /** Why no copy did, memory's or another's; undefined: one did. */
  readonly cause: MissCause | undefined;
  /** It may lack what its reader wrote: nobody could be asked. */
  readonly lacksOwed?: true | undefined;
  /** When it is loaded anew behind the answer; undefined: it is not, or is already. */
  readonly refresh?: RefreshWhen | undefined;
  /** Another request's load brought it. */
  readonly isJoined: boolean;
  readonly seen: readonly Seen[];
}

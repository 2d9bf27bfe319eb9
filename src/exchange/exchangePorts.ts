import type { Called } from "../rpc/callObject.ts";
import type { LocationHint } from "../rpc/locationHint.ts";
import type { ObjectTrouble } from "../rpc/objectTrouble.ts";
import type { Lease } from "../rpc/reply.ts";
import type { Bump, Settlement, Standing } from "../rpc/report.ts";
import type { ColoCopyShelf, Place } from "./coloCopy.ts";
import type { Changes } from "./view.ts";

/** Where and as whom this isolate reports. */
export interface Station extends Place {
  readonly id: string;
  /** The region of its Collectors. */
  readonly hint: LocationHint;
}

/** What the exchange needs of the rest of the isolate. */
export interface ExchangePorts {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Sends a report to a Collector of that name. Never rejects. */
  readonly call: (
    collector: string,
    station: Station,
    report: string,
    heldMs: number,
    bulk: string | undefined,
    deadlineMs: number,
  ) => Promise<Called<string>>;
  readonly shelf: ColoCopyShelf;
  /** What this isolate thinks of each node now, and which nodes somebody should look at. */
  readonly standing: (now: number) => Standing[];
  readonly checksWanted: (now: number) => string[];
  /** Spends a lease: asks the node, and tells how it went. */
  readonly spend: (lease: Lease) => Promise<Settlement["outcome"]>;
  /** The view became another. */
  readonly changed: (changes: Changes, now: number) => void;
  /** Writes that the world's word does not tell of yet. */
  readonly writes: {
    /** How many there were, ever. */
    readonly count: number;
    readonly untold: () => readonly Bump[];
    /** A neighbour told of one. */
    readonly heard: (id: string, buckets: readonly number[], now: number) => void;
  };
  /** How an exchange ended, for the metrics. */
  readonly ended: (outcome: ExchangeEnd, tookMs: number) => void;
}

/** `refused`: answered, and the report not taken. */
export type ExchangeEnd = "answered" | "refused" | ObjectTrouble;

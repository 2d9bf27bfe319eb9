import {
  CALLS_PER_REQUEST,
  CALM_MIN_MS,
  CROWDED_MIN_MS,
  CROWDED_REPORTERS,
  INCIDENT_MS,
  MAX_SHARDS,
  PACE_JITTER,
  QUIET_MAX_MS,
  QUIET_MIN_MS,
  REPORTERS_PER_SHARD,
  SHARD_SLACK,
} from "./constants.ts";

/** What the pace depends on. */
export interface Traffic {
  /** Isolates that report to this Collector. */
  readonly reporters: number;
  /** Requests a second that they see together. */
  readonly requestsPerSecond: number;
  /** Something is not well: news count more than calls. */
  readonly incident: boolean;
}

/** Owners that each exchange of a lone isolate may make the Collector ask. */
const OWNERS = 3;

/**
 * When a reporter shall come back, in milliseconds: as often as `CALLS_PER_REQUEST` allows for all the calls that its
 * coming causes, no faster than 5 s (10 s in a crowd), no slower than a quiet site's 20 to 50 s. `random` in [0, 1).
 */
export function nextInMs({ reporters, requestsPerSecond, incident }: Traffic, random: number): number {
  if (incident) return jittered(INCIDENT_MS, random, 0); // never faster: each isolate's limit is 0.5 a second
  const callsPerRound = Math.max(1, reporters) + OWNERS;
  const affordable = (1_000 * callsPerRound) / (CALLS_PER_REQUEST * Math.max(requestsPerSecond, 1e-9));
  if (affordable >= QUIET_MIN_MS) return QUIET_MIN_MS + random * (QUIET_MAX_MS - QUIET_MIN_MS);
  const least = reporters > CROWDED_REPORTERS ? CROWDED_MIN_MS : CALM_MIN_MS;
  return jittered(Math.max(least, affordable), random, 0);
}

/** Into how many shards `all` reporters shall go, of whom this one thinks that there are `shards`. */
export function shardsFor(all: number, shards: number): number {
  const wanted = Math.max(1, Math.ceil(all / REPORTERS_PER_SHARD));
  if (wanted >= shards) return Math.min(MAX_SHARDS, wanted);
  const roomy = Math.max(1, Math.ceil(all / (REPORTERS_PER_SHARD * SHARD_SLACK)));
  return Math.min(shards, roomy);
}

/** Lengthened by up to twice the jitter: the limits are limits. */
function jittered(ms: number, random: number, floor: number): number {
  return Math.max(floor, ms * (1 + 2 * PACE_JITTER * random));
}

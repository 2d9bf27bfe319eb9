import type { CacheEntry } from "./entry.ts";
import type { NotCurrent } from "./isCurrent.ts";

/** Why an answer had to be loaded, or could not be given. `bypass`: its reader is owed more than what is stored. */
export type MissCause = "cold" | "expired" | "bumped" | "evicted" | "corrupt" | "purged" | "bypass";

/** What is known of a request when it is decided. */
export interface Situation {
  /** The best copy that was found; undefined: none. */
  readonly entry: CacheEntry | undefined;
  /** Why it is not current; undefined: it is. */
  readonly why: NotCurrent | undefined;
  /** Nobody may be shown it again. */
  readonly isPurged: boolean;
  /** It shows all that its reader is owed. */
  readonly showsOwed: boolean;
  /**
   * Whether the database may be asked: some node would be, and the last load of this key did not just fail, which counts
   * where there is a copy that is good for its reader.
   */
  readonly canLoad: boolean;
  /** The database is away, or came back a moment ago: what is loaded is paced. */
  readonly isRecovering: boolean;
  /** It is current, and not for long. */
  readonly isNearEnd: boolean;
  /** Why there is no copy, where there is none. */
  readonly absent: "cold" | "evicted" | "corrupt" | "purged";
  readonly now: number;
}

/** When a copy that is given is loaded anew behind the answer. `in-turn`: at the pace of a recovery, the hottest first. */
export type RefreshWhen = "at-once" | "in-turn" | "ahead";

/**
 * `fresh`: nothing is known that it lacks. `stale`: given, and loaded anew behind it. `error`: given because nothing else
 * can be. `load` with a `fallback`: what is given should that fail or take long. `refuse`: there is nothing to give.
 */
export type Decision =
  | {
      readonly do: "serve";
      readonly as: "fresh" | "stale" | "error";
      readonly entry: CacheEntry;
      /** It may lack what its reader wrote: nobody can be asked, and it is to be said. */
      readonly lacksOwed?: true;
      readonly refresh?: RefreshWhen;
    }
  | { readonly do: "load"; readonly cause: MissCause; readonly fallback: CacheEntry | undefined }
  | { readonly do: "refuse"; readonly cause: MissCause };

/** The one rule of what is done with a request for a shared answer. */
export function decide({
  entry,
  why,
  isPurged,
  showsOwed,
  canLoad,
  isRecovering,
  isNearEnd,
  absent,
  now,
}: Situation): Decision {
  if (!entry || isPurged) return loadOr(canLoad, entry ? "purged" : absent, undefined);
  if (!showsOwed) {
    if (canLoad || now >= entry.errorUntil) return loadOr(canLoad, "bypass", undefined);
    return { do: "serve", as: "error", entry, lacksOwed: true };
  }
  if (why === undefined) {
    return { do: "serve", as: "fresh", entry, ...(canLoad && isNearEnd && !isRecovering && { refresh: "ahead" }) };
  }
  const cause: MissCause = why === "expired" ? "expired" : "bumped";
  const fallback = now < entry.errorUntil ? entry : undefined;
  const refresh = isRecovering ? "in-turn" : "at-once";
  // Of all that expired meanwhile each would be waited for at once: whoever has a copy waits for its turn.
  if (fallback && (!canLoad || (isRecovering && now >= entry.staleUntil))) {
    return { do: "serve", as: "error", entry, ...(isRecovering && { refresh }) };
  }
  if (!canLoad) return { do: "refuse", cause };
  if (now < entry.staleUntil) return { do: "serve", as: "stale", entry, refresh };
  return { do: "load", cause, fallback };
}

function loadOr(canLoad: boolean, cause: MissCause, fallback: CacheEntry | undefined): Decision {
  return canLoad ? { do: "load", cause, fallback } : { do: "refuse", cause };
}

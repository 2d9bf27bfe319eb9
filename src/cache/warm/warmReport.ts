import type { WarmSkip } from "./planWarming.ts";

/** Why a path is not even considered. */
export type WarmRefusal = "no-such-route" | "not-shared" | "invalid" | "too-long";

/** What became of each key that a warming run considered. */
export interface WarmReport {
  readonly planned: number;
  /** Why it is not known what is hot. */
  readonly trouble?: string;
  /** Loaded; `isWritten`: to where all the world sees it. */
  readonly done: readonly {
    readonly path: string;
    readonly isChanged: boolean;
    readonly isWritten: boolean;
    readonly ms: number;
  }[];
  /** `joined`: another call is loading it. */
  readonly skipped: readonly { readonly path: string; readonly why: WarmSkip | WarmRefusal | "joined" | "dry-run" }[];
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}

import type { Blocker } from "./blocker.ts";

/** What a deploy or a rollback tells while it runs; a line each with `--json`. */
export type DeployEvent =
  | { readonly event: "note"; readonly name?: string; readonly text: string }
  /** Something outside is waited for. */
  | { readonly event: "waiting"; readonly name?: string; readonly text: string }
  /** `at`: the name it is built under, another one while it replaces. */
  | {
      readonly event: "started";
      readonly name: string;
      readonly at: string;
      readonly statement: string;
      readonly estimatedBytes: number;
    }
  /** Never less than before; 1 only once the catalogue says that the index is valid. */
  | { readonly event: "progress"; readonly name: string; readonly share: number; readonly phase: string }
  | { readonly event: "blocked"; readonly name: string; readonly text: string; readonly blockers: readonly Blocker[] }
  | { readonly event: "postponed"; readonly name: string; readonly text: string; readonly retryInMs: number }
  | { readonly event: "finished"; readonly name: string; readonly did: Did; readonly text: string };

/** What became of an index; `blocked`: something stood in its way each time. */
export type Did =
  | "unchanged"
  | "adopted"
  | "built"
  | "repaired"
  | "replaced"
  | "skipped"
  | "blocked"
  | "failed"
  | "dropped";

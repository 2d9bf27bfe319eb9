import type { Busy } from "./facts.ts";
import type { IndexState } from "./state.ts";

export type DropReason = "leftover" | "half-dropped" | "replaced" | "stale replacement" | "rollback";

/** The one thing to do next for an index; after it everything is observed anew. */
export type Step =
  | { readonly kind: "done" }
  | { readonly kind: "skip"; readonly reason: string }
  | { readonly kind: "wait"; readonly busy: Busy }
  | { readonly kind: "build"; readonly at: "name" | "staging" }
  | {
      readonly kind: "drop";
      readonly at: "name" | "staging";
      readonly why: DropReason;
      readonly rejectsWrites: boolean;
    }
  | { readonly kind: "rename" }
  | { readonly kind: "refuse"; readonly why: "different" | "constraint" | "taken"; readonly found: string };

/**
 * What brings an index nearer to what the catalogue says. `staging` is the state of the name under which a replacement
 * is built. Ends in `done`, `skip` or `refuse` after at most five steps from any pair of states.
 */
export function nextStep(state: IndexState, staging: IndexState, { isReplacing }: { isReplacing: boolean }): Step {
  if (state.kind === "skipped") return { kind: "skip", reason: state.reason };
  if (state.kind === "taken") return { kind: "refuse", why: "taken", found: state.by };
  for (const each of [state, staging]) if (each.kind === "building") return { kind: "wait", busy: each.busy };
  const scrap = scrapOf(state, "name") ?? scrapOf(staging, "staging");
  if (scrap) return scrap;
  const isStaged = staging.kind === "valid-same";
  switch (state.kind) {
    case "valid-same":
      return isStaged || staging.kind === "valid-different" ? dropStaging() : { kind: "done" };
    case "valid-different":
      if (!isReplacing) return { kind: "refuse", why: "different", found: state.definition };
      if (state.constraint !== undefined) return { kind: "refuse", why: "constraint", found: state.constraint };
      if (staging.kind === "taken") return { kind: "refuse", why: "taken", found: staging.by };
      if (isStaged) return { kind: "drop", at: "name", why: "replaced", rejectsWrites: false };
      return staging.kind === "valid-different" ? dropStaging() : { kind: "build", at: "staging" };
    case "absent":
      if (isStaged) return { kind: "rename" };
      return staging.kind === "valid-different" ? dropStaging() : { kind: "build", at: "name" };
    case "building":
    case "leftover":
    case "half-dropped":
      throw new Error(`no step from ${state.kind}`); // all of them were answered above
    default:
      return state satisfies never;
  }
}

function scrapOf(state: IndexState, at: "name" | "staging"): Step | undefined {
  if (state.kind === "half-dropped") return { kind: "drop", at, why: "half-dropped", rejectsWrites: false };
  if (state.kind !== "leftover") return undefined;
  return { kind: "drop", at, why: "leftover", rejectsWrites: state.rejectsWrites };
}

function dropStaging(): Step {
  return { kind: "drop", at: "staging", why: "stale replacement", rejectsWrites: false };
}

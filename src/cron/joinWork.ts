import type { WorkDone } from "./work.ts";

/** Several pieces of work as one: failed if one failed, skipped if all were, and what each has to say behind its name. */
export function joinWork(parts: Readonly<Record<string, WorkDone>>): WorkDone {
  const outcomes = Object.values(parts).map(({ outcome }) => outcome);
  return {
    outcome:
      outcomes.find((outcome) => outcome === "failed") ?? outcomes.find((outcome) => outcome === "ok") ?? "skipped",
    note: Object.entries(parts)
      .map(([name, { note }]) => `${name}: ${note}`)
      .join("; "),
    detail: Object.assign({}, ...Object.values(parts).map(({ detail }) => detail)),
  };
}

import type { LoadFailure } from "../cache/failedKeys.ts";
import { CORE_PROBLEMS, type CoreSlug } from "./problems.ts";

/** Why a shared answer was not loaded. Told apart by name and code, as everywhere. */
export function failureOf(error: unknown): LoadFailure {
  if (typeof error !== "object" || error === null || !("name" in error)) return "mistake";
  if (error.name === "ProblemError" && "slug" in error) {
    const kind = CORE_PROBLEMS[error.slug as CoreSlug]; // an application's slug has no entry
    return (kind?.status ?? 400) < 500 ? "answer" : "outage";
  }
  const isAway = "code" in error && (error.code === "unavailable" || error.code === "deadline");
  return error.name === "DatabaseError" && isAway ? "outage" : "mistake";
}

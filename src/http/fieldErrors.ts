import type * as z from "zod/mini";
import { MAX_FIELD_ERRORS, MAX_FIELD_NAME } from "./constants.ts";
import type { FieldError } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** What zod/mini says where no message was given: it carries none of its own, so the sentences are made here. */
const NO_MESSAGE = "Invalid input";

/** A schema's issues as the answer's `errors`: each names a field, and says what is expected of it. */
export function fieldErrors(issues: readonly Issue[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of issues) {
    if (errors.length >= MAX_FIELD_ERRORS) break;
    if (issue.code !== "unrecognized_keys") {
      errors.push({ field: fieldName(issue.path), message: messageOf(issue) });
      continue;
    }
    for (const key of issue.keys.slice(0, MAX_FIELD_ERRORS - errors.length)) {
      errors.push({ field: fieldName([...issue.path, key]), message: "is not a field of this request" });
    }
  }
  return errors;
}

/** `tags.0.name`; the whole body is `body`. Shortened, and free of what could not be shown. */
export function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "body";
  return path.map(String).join(".").slice(0, MAX_FIELD_NAME).toWellFormed();
}

function messageOf(issue: Issue): string {
  if (issue.message !== NO_MESSAGE) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${noun(issue.expected)}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return `must ${have(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`;
    case "too_small":
      return `must ${have(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`;
    case "invalid_format":
      return `must be a valid ${issue.format === "regex" ? "value" : issue.format}`;
    default:
      return "is not valid";
  }
}

function noun(type: string): string {
  switch (type) {
    case "string":
      return "text";
    case "int":
      return "a whole number";
    case "object":
    case "array":
      return `an ${type}`;
    default:
      return `a ${type}`;
  }
}

function have(origin: string): string {
  return unit(origin) === "" ? "be" : "have";
}

function unit(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "set" ? " items" : "";
}

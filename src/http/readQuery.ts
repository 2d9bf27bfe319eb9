import type * as z from "zod/mini";
import { textTrouble } from "./checkText.ts";
import { MAX_FIELD_ERRORS } from "./constants.ts";
import { fieldErrors } from "./fieldErrors.ts";
import { percentDecoded } from "./percentDecoded.ts";
import { type FieldError, invalidRequest } from "./problem.ts";

/**
 * Reads a query string (`?a=1&b=2`) by a schema. `URLSearchParams` would turn bad bytes into U+FFFD and hide a
 * parameter given twice; here both are told. Parameters outside `names` are ignored, whatever they hold.
 */
export function readQuery(search: string, names: ReadonlySet<string>, schema: z.ZodMiniType): unknown {
  const found = new Map<string, string>();
  const errors: FieldError[] = [];
  for (const pair of search.slice(1).split("&")) {
    if (errors.length >= MAX_FIELD_ERRORS) break;
    const equals = pair.indexOf("=");
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    if (name === null || !names.has(name)) continue;
    const value = decoded(equals < 0 ? "" : pair.slice(equals + 1));
    const trouble = value === null ? "must be percent-encoded UTF-8" : textTrouble(value);
    if (trouble) errors.push({ field: name, message: trouble });
    else if (found.has(name)) errors.push({ field: name, message: "must be given once" });
    else found.set(name, value ?? "");
  }
  if (errors.length > 0) throw invalidRequest(errors);
  const checked = schema.safeParse(Object.fromEntries(found));
  if (!checked.success) throw invalidRequest(fieldErrors(checked.error.issues));
  return checked.data;
}

function decoded(text: string): string | null {
  return percentDecoded(text.replaceAll("+", " "));
}

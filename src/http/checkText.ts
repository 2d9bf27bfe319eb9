import { MAX_FIELD_ERRORS } from "./constants.ts";
import { fieldName } from "./fieldErrors.ts";
import type { FieldError } from "./problem.ts";

/** What Postgres cannot store as text: NUL, and halves of surrogate pairs. Null when the text is fine. */
export function textTrouble(text: string): string | null {
  if (text.includes("\u0000")) return "must not contain NUL characters";
  return text.isWellFormed() ? null : "must not contain lone surrogates";
}

/**
 * Only an escape can bring a NUL or a lone surrogate into JSON that was decoded as strict UTF-8, so most bodies are
 * cleared by one look at their source.
 */
const SUSPICIOUS = /\\u(?:0000|[dD][89a-fA-F])/;

/** The fields of a JSON value, parsed from `source`, that hold text which cannot be stored. No recursion: depth is the client's. */
export function untextualFields(value: unknown, source: string): FieldError[] {
  if (!SUSPICIOUS.test(source)) return [];
  const errors: FieldError[] = [];
  const open: { readonly path: readonly PropertyKey[]; readonly value: unknown }[] = [{ path: [], value }];
  for (let at = open.pop(); at && errors.length < MAX_FIELD_ERRORS; at = open.pop()) {
    const trouble = typeof at.value === "string" ? textTrouble(at.value) : null;
    if (trouble) errors.push({ field: fieldName(at.path), message: trouble });
    if (typeof at.value !== "object" || at.value === null) continue;
    for (const [key, inner] of Object.entries(at.value)) {
      const inKey = textTrouble(key);
      // Deep paths share their start: only the first names are kept, as many as an answer could show.
      const path = at.path.length < 8 ? [...at.path, key] : at.path;
      if (inKey) errors.push({ field: fieldName(path).replaceAll("\u0000", ""), message: inKey });
      else open.push({ path, value: inner });
    }
  }
  return errors;
}

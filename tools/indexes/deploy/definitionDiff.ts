import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { definitionBody } from "./definitionBody.ts";

/** What the database has and what the catalogue wants, one under the other. */
export function definitionDiff(entry: IndexEntry, found: string, wantedBody: string | undefined): string {
  const unique = entry.isUnique === true ? "UNIQUE " : "";
  return [`- ${definitionBody(found)}`, `+ ${wantedBody ?? `${unique}ON ${entry.definition}`}`].join("\n");
}

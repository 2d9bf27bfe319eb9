import * as z from "zod/mini";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { MAX_NAME_BYTES } from "./constants.ts";
import { IndexError } from "./indexError.ts";

const words = z.readonly(z.array(z.string()));
const verdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ship") }),
  z.object({ kind: z.literal("optional"), when: z.string() }),
  z.object({ kind: z.literal("rejected"), reason: z.string() }),
]);

/** What a deploy needs of an entry; what the proofs need is theirs to check. */
const entry = z.looseObject({
  name: z.string().check(z.minLength(1)),
  table: z.string().check(z.minLength(1)),
  columns: words,
  definition: z.string(),
  isUnique: z.optional(z.boolean()),
  phase: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  queries: words,
  proofs: z.readonly(z.array(z.unknown())),
  verdict,
});

/** The entries, or an error that names the first one that could not be deployed as it says. */
export function checkedEntries(entries: readonly unknown[]): readonly IndexEntry[] {
  const names = new Set<string>();
  for (const [index, given] of entries.entries()) {
    const { data, error } = entry.safeParse(given);
    if (!data) {
      const issue = error.issues[0];
      const message = `Entry ${index + 1} of the catalogue: ${issue?.path.join(".")} is wrong (${issue?.message}).`;
      throw new IndexError("refused", message);
    }
    const trouble = troubleWith(data, names);
    if (trouble !== undefined) throw new IndexError("refused", `The catalogue's ${data.name} ${trouble}.`);
    names.add(data.name);
  }
  return entries as readonly IndexEntry[]; // each was parsed above
}

function troubleWith({ name, table, definition }: z.infer<typeof entry>, names: ReadonlySet<string>) {
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) return `has a name of ${bytes} bytes: Postgres would cut it off after ${MAX_NAME_BYTES}`;
  if (names.has(name)) return "is there twice";
  if (!definition.startsWith(`${table} `)) return `must begin its definition with its table, "${table} "`;
  return undefined;
}

import { readFile } from "node:fs/promises";
import { ENTRIES } from "../../../sql/indexes/catalogue.ts";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { checkedEntries } from "./checkedEntries.ts";
import { IndexError } from "./indexError.ts";

/** The entries of a JSON file, for another application's indexes; default: the marketplace's own catalogue. */
export async function loadCatalogue(file?: string): Promise<readonly IndexEntry[]> {
  if (file === undefined) return checkedEntries(ENTRIES);
  const entries = await parsed(file);
  if (Array.isArray(entries)) return checkedEntries(entries);
  throw new IndexError("refused", `${file} is no catalogue: it has to be a JSON array of entries.`);
}

async function parsed(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new IndexError("refused", `${file} cannot be read as a catalogue: ${(cause as Error).message}.`, { cause });
  }
}

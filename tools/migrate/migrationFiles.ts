import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { MigrationError } from "./migrationError.ts";

/** `breakwater`: the core's tables, for any database. `schema`: the marketplace's. */
export type MigrationSet = "breakwater" | "schema";

export interface Migration {
  readonly set: MigrationSet;
  /** `0001_epochs`: its number and its name. */
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

/** The set's files in order. Throws where numbers are missing, doubled or malformed. */
export async function migrationFiles(set: MigrationSet): Promise<Migration[]> {
  const folder = new URL(`../../sql/${set}/`, import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (file, index) => {
      const expected = String(index + 1).padStart(4, "0");
      if (!new RegExp(`^${expected}_[a-z0-9_]+\\.sql$`).test(file)) {
        throw new MigrationError(
          `sql/${set}/${file} should be number ${expected}: numbers follow each other without gaps.`,
        );
      }
      const text = await readFile(new URL(file, folder), "utf8");
      return { set, name: file.slice(0, -4), text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

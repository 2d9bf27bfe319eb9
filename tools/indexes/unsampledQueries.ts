import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { SampledQuery } from "./sample.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Where the application's queries are made, and where samples of them are. */
const QUERIES = join(ROOT, "src/marketplace/queries");
const SAMPLED = join(import.meta.dirname, "sampled");

/** A call that makes a query, whatever its rows are: also of a type within a type. */
const MADE = /\b(?:query|listQuery)(?:<[^"'`()]*>)?\(/;
const NAMED = new RegExp(`${MADE.source}\\s*["'\`]([^"'\`]+)`, "g");

/** What of the application's queries has no sample: in words, one a finding. */
export async function unsampledQueries(sampled: readonly SampledQuery[]): Promise<readonly string[]> {
  const sources = await sourcesIn(QUERIES);
  const users = (await sourcesIn(SAMPLED)).join("\n");
  return findUnsampled({ sources, users, names: new Set(sampled.map(({ name }) => name)) });
}

/**
 * Names that stand in `query("…")` and are in no sample, and exported functions that make queries and stand in none of
 * the modules that make samples: two functions may share a name, each with a text of its own.
 */
export function findUnsampled(given: {
  readonly sources: readonly string[];
  readonly users: string;
  readonly names: ReadonlySet<string>;
}): readonly string[] {
  const { sources, users, names } = given;
  const findings = new Set<string>();
  for (const source of sources) {
    for (const [, name = ""] of source.matchAll(NAMED)) {
      if (!names.has(name)) findings.add(`no sample of the query ${name}: add one in tools/indexes/sampled`);
    }
    for (const part of source.split(/^(?=export )/m)) {
      const [, made] = /^export function (\w+)/.exec(part) ?? [];
      const isQuery = MADE.test(part);
      if (made && isQuery && !new RegExp(`\\b${made}\\(|\\b${made}\\b(?=[,)])`).test(users)) {
        findings.add(`no sample made by ${made}(): add one in tools/indexes/sampled`);
      }
    }
  }
  return [...findings];
}

async function sourcesIn(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".ts")).sort();
  return Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
}

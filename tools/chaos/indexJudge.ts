import type { Client } from "pg";
import { definitionBody } from "../indexes/deploy/definitionBody.ts";
import { CHAOS_ENTRIES } from "./indexBed.ts";

/** What is wrong with a database after a deploy that said it was complete; each in a sentence. */
export interface Judgement {
  readonly invalid: readonly string[];
  readonly wrong: readonly string[];
}

/** Compares catalogue and ledger with what the entries want; looks at nothing that the deploy remembers. */
export async function judge(client: Client, bodies: ReadonlyMap<string, string>): Promise<Judgement> {
  const { rows } = await client.query<{ name: string; valid: boolean; definition: string }>(`
    SELECT i.relname AS name, x.indisvalid AND x.indisready AND x.indislive AS valid, pg_get_indexdef(i.oid) AS definition
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE i.relnamespace = 'public'::regnamespace AND NOT x.indisprimary`);
  const { rows: last } = await client.query<{
    name: string;
    action: string;
    state: string;
    definition: string | null;
  }>(`
    SELECT DISTINCT ON (name) name, action, state, definition FROM breakwater.index_ledger
    WHERE action IN ('build', 'drop', 'rename', 'adopt') ORDER BY name, id DESC`);
  const wrong: string[] = [];
  for (const { name } of CHAOS_ENTRIES) {
    const found = rows.find((row) => row.name === name);
    const told = last.find((row) => row.name === name);
    if (!found) wrong.push(`${name} is not there`);
    else if (definitionBody(found.definition) !== bodies.get(name)) wrong.push(`${name} is ${found.definition}`);
    const isTrue = told?.action === "build" && told.state === "done" && told.definition === found?.definition;
    if (!isTrue) wrong.push(`the ledger says of ${name}: ${told?.action} ${told?.state}`);
  }
  const strangers = rows.filter(({ name }) => !bodies.has(name)).map(({ name }) => `${name} is nobody's`);
  const invalid = rows.filter(({ valid }) => !valid).map(({ name }) => name);
  return { invalid, wrong: [...wrong, ...strangers] };
}

import { createHash, randomBytes } from "node:crypto";
import type { Client } from "pg";
import { uuidv7 } from "../../../src/breakwater.ts";
import type { Role } from "../../../src/marketplace/lists.ts";

/** An account with a live session, as rows: without the forty milliseconds of a registration's password. */
export interface Person {
  readonly id: string;
  readonly token: string;
}

export async function addPerson(client: Client, role: Role): Promise<Person> {
  const id = uuidv7(Date.now());
  await client.query("INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, 'Somebody', $3, '!')", [
    id,
    `${id}@example.com`,
    role,
  ]);
  return { id, token: await addSession(client, id) };
}

/** Another live session of an account: its token. */
export async function addSession(client: Client, userId: string): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await client.query(
    "INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES ($1, $2, $3, now() + interval '1 day')",
    [uuidv7(Date.now()), digestOf(token), userId],
  );
  return token;
}

/** What the database keeps of a token. */
export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

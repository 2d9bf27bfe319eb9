import type { Database } from "../database/database.ts";
import type { Account } from "./route.ts";

/** What a request says of who sends it. `cookie`: the browser added it by itself, perhaps for a foreign page. */
export interface Credential {
  readonly kind: "cookie" | "bearer";
  readonly value: string;
}

/** How an application knows its accounts. The router decides by it, in one place, who may enter a route. */
export interface Accounts<Who extends Account = Account> {
  /** What the request's headers bring, unproven; null when nothing. */
  credentialOf(request: Request): Credential | null;
  /** The account it proves, or null when it is unknown, expired or malformed. */
  accountOf(credential: Credential, database: Database): Promise<Who | null>;
}

/** The token of `Authorization: Bearer <token>`, or null. */
export function bearerToken(request: Request): string | null {
  return /^Bearer +([\w~+/.-]+=*) *$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

/** A cookie's value, or null. */
export function cookieValue(request: Request, name: string): string | null {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}

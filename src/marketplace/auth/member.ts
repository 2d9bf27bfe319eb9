import type { Account } from "../../breakwater.ts";
import type { Role } from "../lists.ts";

/** An account as everybody may see its own. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** Who is signed in, and by which session. */
export interface Member extends Account, User {
  /** SHA-256 of the session's token, in hexadecimal. */
  readonly tokenHash: string;
  /** When the session ends, ISO 8601. */
  readonly expiresAt: string;
}

/** The part of a member that is shown. */
export function userOf({ id, email, name, role }: User): User {
  return { id, email, name, role };
}

import { SESSION_COOKIE } from "../constants.ts";

/** A session's token as it came, unproven. A browser sends a cookie by itself, whichever page made it send it. */
export interface Credential {
  readonly kind: "bearer" | "cookie";
  readonly value: string;
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The session token of a request, or null where it has none, or one that no session can have. */
export function credentialOf({ headers }: Request): Credential | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("Authorization") ?? "")?.[1];
  if (bearer !== undefined) return TOKEN.test(bearer) ? { kind: "bearer", value: bearer } : null;
  const cookie = cookieOf(headers.get("Cookie") ?? "");
  return cookie !== undefined && TOKEN.test(cookie) ? { kind: "cookie", value: cookie } : null;
}

/** The first of its name: browsers send the most specific path first. */
function cookieOf(header: string): string | undefined {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === SESSION_COOKIE) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

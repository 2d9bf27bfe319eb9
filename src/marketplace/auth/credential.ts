import { bearerToken, type Credential, cookieValue } from "../../breakwater.ts";
import { SESSION_COOKIE } from "../constants.ts";

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The session token of a request, or null where it has none, or one that no session can have. The header wins. */
export function credentialOf(request: Request): Credential | null {
  const bearer = bearerToken(request);
  if (bearer !== null) return TOKEN.test(bearer) ? { kind: "bearer", value: bearer } : null;
  const cookie = cookieValue(request, SESSION_COOKIE);
  return cookie !== null && TOKEN.test(cookie) ? { kind: "cookie", value: cookie } : null;
}

import { SESSION_COOKIE, SESSION_MS } from "../constants.ts";

/** `Set-Cookie` for a new session, or, without a token, for its end. `Secure` wherever the request came by https. */
export function sessionCookie(url: URL, token?: string): string {
  const maxAge = token === undefined ? 0 : SESSION_MS / 1_000;
  const secure = url.protocol === "https:" ? "; Secure" : "";
  return `${SESSION_COOKIE}=${token ?? ""}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

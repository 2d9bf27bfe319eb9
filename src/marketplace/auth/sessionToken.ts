import { TOKEN_BYTES } from "../constants.ts";

/** A new token, of a session or for a new password: base64url of random bytes, 43 characters. Stored as a digest only. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** What the database keeps of a token: its SHA-256, in hexadecimal. */
export async function tokenHashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

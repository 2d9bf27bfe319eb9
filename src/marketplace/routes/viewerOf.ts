/** Bytes kept of a viewer's digest: the table's constraint holds the same. */
const VIEWER_BYTES = 16;

/**
 * Who sees something on a day (`2026-11-25`), as 16 bytes in hexadecimal that mean nothing on the next: the account, or
 * what a visitor's connection and browser show. Kept instead of the address, and different each day, so that the rows
 * follow nobody around; they are no secret though, since who holds them can try all addresses of a day.
 *
 * It tells reloads apart from people, not honest clients from scripts: a browser's name is the sender's to choose, so
 * views can be made up (likes cannot: they need accounts), and people behind one address with one browser are one
 * viewer. The address is Cloudflare's word alone, which overwrites whatever the client wrote there; `X-Forwarded-For`
 * and the like are the client's. Without Cloudflare in front, as on one's own machine, there is no address.
 */
export async function viewerOf(request: Request, day: string, accountId: string | undefined): Promise<string> {
  const { headers } = request;
  const shown =
    accountId === undefined
      ? ["visitor", headers.get("cf-connecting-ip"), headers.get("user-agent")]
      : ["account", accountId];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify([day, ...shown])));
  const bytes = new Uint8Array(digest, 0, VIEWER_BYTES);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

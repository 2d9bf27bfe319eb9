/**
 * Says that an answer is one client's: no cache may keep it, neither a browser's nor one in front of the Worker, which
 * would go by `CDN-Cache-Control` before anything else (RFC 9213, §2.2).
 */
export function keepPrivate(headers: Headers): void {
  headers.set("Cache-Control", "private, no-store");
  headers.delete("CDN-Cache-Control");
}

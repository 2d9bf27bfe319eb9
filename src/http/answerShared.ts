import { type CacheEntry, isNegative } from "../cache/entry.ts";
import type { Served } from "../cache/sharedRequest.ts";
import { cacheStatus, isNotModified, sharedHeaders } from "./cacheHeaders.ts";
import { ProblemError } from "./problem.ts";
import { type SharedAsk, type SharedDoor, sharedRequest } from "./sharedDoor.ts";

/** A shared answer to one visitor: from the nearest copy that is good enough for that one, or loaded. */
export async function answerShared(door: SharedDoor, ask: SharedAsk, request: Request): Promise<Response> {
  if (!door.acts) return plain(await door.cache.observe(sharedRequest(door, ask)));
  const served = await door.cache.answer(sharedRequest(door, ask));
  const now = ask.now();
  const headers = {
    ...sharedHeaders(served, ask.shared.fresh.floor * 1_000, now),
    "Cache-Status": cacheStatus(served, now),
    ...(served.lacksOwed && { "Breakwater-Consistency": "unproven" }),
  };
  return responseOf(served, headers, request);
}

/** As if there were no cache. */
function plain(entry: CacheEntry): Response {
  const { status, body } = entry;
  if (isNegative(entry)) throw new ProblemError(body);
  return new Response(body, { status, headers: { "Content-Type": "application/json" } });
}

function responseOf({ entry }: Served, headers: Record<string, string>, request: Request): Response {
  if (isNegative(entry)) {
    const { "Cache-Status": status = "", Age: age = "0" } = headers;
    throw new ProblemError(entry.body, { headers: { "Cache-Status": status, Age: age } });
  }
  if (isNotModified(request.headers.get("If-None-Match"), entry)) return new Response(null, { status: 304, headers });
  return new Response(entry.body, {
    status: entry.status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

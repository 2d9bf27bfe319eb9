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
  const said = {
    "Cache-Status": cacheStatus(served, now),
    ...(served.lacksOwed && { "Breakwater-Consistency": "unproven" }),
  };
  return responseOf(served, said, sharedHeaders(served, ask.shared.fresh.floor * 1_000, now), request);
}

/** As if there were no cache. */
function plain(entry: CacheEntry): Response {
  const { status, body } = entry;
  if (isNegative(entry)) throw new ProblemError(body);
  return new Response(body, { status, headers: { "Content-Type": "application/json" } });
}

function responseOf(
  { entry }: Served,
  said: Readonly<Record<string, string>>,
  kept: ReturnType<typeof sharedHeaders>,
  request: Request,
): Response {
  // That there is no such thing is kept by us alone.
  if (isNegative(entry)) throw new ProblemError(entry.body, { headers: { ...said, Age: kept.Age } });
  const headers = { ...kept, ...said };
  if (isNotModified(request.headers.get("If-None-Match"), entry)) return new Response(null, { status: 304, headers });
  return new Response(entry.body, {
    status: entry.status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

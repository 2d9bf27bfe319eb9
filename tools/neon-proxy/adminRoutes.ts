import type { IncomingMessage } from "node:http";
import type { FaultBook } from "./faults/faultBook.ts";
import { readBody } from "./readBody.ts";

/** What the admin routes act on. */
export interface AdminContext {
  readonly faults: FaultBook;
  readonly knows: (node: string) => boolean;
  readonly statistics: () => unknown;
  readonly resetStatistics: () => void;
}

/** An answer with a JSON body; none at all for 204. */
export interface AdminAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * `PUT /faults/:node`, `DELETE /faults/:node`, `DELETE /faults`, `GET /faults`, `GET /stats`, `DELETE /stats`.
 * Undefined for any other request. No CORS headers: a page in a browser has no business here.
 */
export async function adminAnswer(request: IncomingMessage, context: AdminContext): Promise<AdminAnswer | undefined> {
  const [, area, node, ...rest] = (request.url ?? "").split("?", 1)[0]?.split("/") ?? [];
  if (rest.length > 0) return undefined;
  const route = `${request.method} /${area}${node === undefined ? "" : "/:node"}`;
  switch (route) {
    case "GET /stats":
      return { status: 200, body: context.statistics() };
    case "DELETE /stats":
      context.resetStatistics();
      return { status: 204 };
    case "GET /faults":
      return { status: 200, body: context.faults.list() };
    case "DELETE /faults":
      context.faults.clear();
      return { status: 204 };
    case "PUT /faults/:node":
      return setFaults(node ?? "", await readBody(request), context);
    case "DELETE /faults/:node":
      context.faults.clear(node);
      return { status: 204 };
    default:
      return undefined;
  }
}

function setFaults(node: string, body: string, { faults, knows }: AdminContext): AdminAnswer {
  if (!knows(node)) return { status: 404, body: { message: `there is no node "${node}"` } };
  try {
    faults.set(node, JSON.parse(body));
  } catch (error) {
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
  return { status: 200, body: faults.list()[node] };
}

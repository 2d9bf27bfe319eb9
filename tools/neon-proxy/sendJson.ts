import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";

/** Sends JSON text with the headers every answer of Neon's carries. */
export function sendJson(
  response: ServerResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(json),
    "Access-Control-Allow-Origin": "*",
    "Neon-Request-Id": randomUUID(),
    ...headers,
  });
  response.end(json);
}

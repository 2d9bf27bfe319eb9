import type { IncomingMessage } from "node:http";
import { MAX_DRAINED_BYTES, MAX_REQUEST_BYTES } from "./constants.ts";
import { EndpointError } from "./endpointError.ts";

/**
 * The whole body as text.
 * @throws {EndpointError} 413 beyond `MAX_REQUEST_BYTES`; what comes after is read and forgotten, within bounds.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MAX_DRAINED_BYTES) break;
    if (bytes > MAX_REQUEST_BYTES) chunks.length = 0;
    else chunks.push(part);
  }
  if (bytes > MAX_REQUEST_BYTES) {
    throw EndpointError.of(413, { message: `request is too large (max is ${MAX_REQUEST_BYTES} bytes)` });
  }
  return Buffer.concat(chunks).toString("utf8");
}

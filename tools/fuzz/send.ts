import { Agent, type IncomingMessage, request } from "node:http";
import { ANSWER_WITHIN_MS } from "./constants.ts";
import type { RawRequest } from "./rawRequest.ts";

/** An answer, read to its end; `headerText`: all its headers as they came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly headerText: string;
  readonly text: string;
}

/** Sends a request; rejects when no whole answer came in time. */
export type Send = (request: RawRequest) => Promise<RawAnswer>;

/** Sends to one server on loopback, over connections that are kept. */
export function sender(url: string, connections: number): { readonly send: Send; readonly close: () => void } {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const once: Send = ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, timeout: ANSWER_WITHIN_MS });
      for (const [name, value] of headers) outgoing.setHeader(name, value);
      if (body) outgoing.setHeader("Content-Length", body.byteLength);
      outgoing.on("response", (incoming) => readAnswer(incoming).then(resolve, reject));
      outgoing.on("timeout", () => outgoing.destroy(new Error(`No answer within ${ANSWER_WITHIN_MS / 1_000} s`)));
      // A server may answer, and hang up, before it has read a body that is too large: the answer counts.
      outgoing.on("error", (error) => setImmediate(reject, Object.assign(error, { isReused: outgoing.reusedSocket })));
      outgoing.end(body);
    });
  return {
    // A connection that was kept may be closed at the moment it is used again.
    send: (asked) => once(asked).catch((error) => (error.isReused ? once(asked) : Promise.reject(error))),
    close: () => agent.destroy(),
  };
}

async function readAnswer(incoming: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { rawHeaders, headers, statusCode = 0 } = incoming;
  const pairs = rawHeaders.map((each, index) => (index % 2 === 0 ? `${each}: ` : `${each}\n`));
  return {
    status: statusCode,
    headers: { get: (name) => [headers[name.toLowerCase()] ?? null].flat().join(", ") || null },
    headerText: pairs.join(""),
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

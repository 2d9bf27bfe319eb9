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
  const kept = new Agent({ keepAlive: true, maxSockets: connections });
  const over = (agent: Agent | false, { method, path, headers, body }: RawRequest): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, timeout: ANSWER_WITHIN_MS });
      for (const [name, value] of headers) outgoing.setHeader(name, value);
      if (body) outgoing.setHeader("Content-Length", body.byteLength);
      outgoing.on("response", (incoming) => readAnswer(incoming).then(resolve, reject));
      outgoing.on("timeout", () => outgoing.destroy(new Error(`No answer within ${ANSWER_WITHIN_MS / 1_000} s`)));
      // A server may answer, and hang up, before it has read a body that is too large: the answer counts.
      outgoing.on("error", (error) => setImmediate(reject, error));
      outgoing.end(body);
    });
  return {
    // A connection that was kept may be closed at the moment it is used again; a new one is not.
    send: (asked) => over(kept, asked).catch((error) => (isHungUp(error) ? over(false, asked) : Promise.reject(error))),
    close: () => kept.destroy(),
  };
}

function isHungUp(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "EPIPE";
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

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod/mini";
import { readDsn } from "../../../../../src/telemetry/errors/readDsn.ts";

/** What Sentry requires of an envelope with one event in it, as far as we rely on it. */
const envelopeHeader = z.object({ event_id: z.string().check(z.regex(/^[0-9a-f]{32}$/)), sent_at: z.iso.datetime() });
const itemHeader = z.object({ type: z.literal("event") });
const eventSchema = z.object({
  event_id: z.string(),
  timestamp: z.number(),
  platform: z.literal("javascript"),
  release: z.string(),
  environment: z.string(),
  sdk: z.object({ integrations: z.array(z.string()) }),
  tags: z.optional(z.record(z.string(), z.string())),
  extra: z.object({ facts: z.unknown(), details: z.unknown() }),
  exception: z.object({
    values: z.array(
      z.object({
        type: z.string(),
        value: z.string(),
        stacktrace: z.optional(z.object({ frames: z.array(z.looseObject({ function: z.string() })) })),
      }),
    ),
  }),
  request: z.optional(z.never()),
  user: z.optional(z.never()),
  breadcrumbs: z.optional(z.never()),
});

interface Received {
  readonly path: string;
  readonly raw: string;
  readonly event: z.infer<typeof eventSchema>;
}

/** How the endpoint answers, from now on. */
type Behaviour = "hang" | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** Reads an envelope as Sentry does: JSON lines, the event's item last. Throws when it is none. */
function parseEnvelope(raw: string): Received["event"] {
  const lines = raw.split("\n");
  if (lines.length !== 3) throw new Error(`An envelope of one item has three lines, this one ${lines.length}.`);
  const [header, item, payload] = lines.map((line): unknown => JSON.parse(line));
  const { event_id } = envelopeHeader.parse(header);
  itemHeader.parse(item);
  const event = eventSchema.parse(payload);
  if (event.event_id !== event_id) throw new Error("The envelope's id is not its event's.");
  return event;
}

/** A Sentry of our own on this machine. What is no envelope it answers with 400, as Sentry does. */
export async function startSentryEndpoint() {
  const received: Received[] = [];
  let behaviour: Behaviour = { status: 200 };
  let requests = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString("utf8");
    try {
      received.push({ path: request.url ?? "", raw, event: parseEnvelope(raw) });
    } catch (error) {
      response.writeHead(400).end(String(error));
      return;
    }
    if (behaviour === "hang") return;
    response.writeHead(behaviour.status, behaviour.headers).end('{"id":"0"}');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const reading = readDsn(`http://publickey@127.0.0.1:${port}/42`);
  if (reading.kind !== "on") throw new Error("The endpoint's DSN is not one.");
  return {
    dsn: reading.dsn,
    received,
    requests: () => requests,
    behave(next: Behaviour) {
      behaviour = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

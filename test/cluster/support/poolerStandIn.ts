import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** ReadyForQuery, idle. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * A pooler in miniature: each client has two server sessions, and every other statement goes to the other one, as a
 * transaction-mode pooler may do. Knows the simple and the extended protocol as far as `pg` speaks them.
 */
export async function startPoolerStandIn(port: number): Promise<{ port: number; close(): void }> {
  const server = createServer((client) => serve(client, port)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function serve(client: Socket, port: number): void {
  const backends = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  let isStarted = false;
  let turn = 0;
  let pending = Buffer.alloc(0);
  let isSecondReady = false;
  let greeting = Buffer.alloc(0);
  for (const socket of [client, ...backends]) {
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const each of [client, ...backends]) each.destroy();
    });
  }
  backends[0]?.on("data", (data) => client.write(data));
  backends[1]?.on("data", (data) => {
    if (isSecondReady) {
      client.write(data);
      return;
    }
    // Its greeting ends with ReadyForQuery, which the client has had from the first already; it may come in pieces, and
    // the first answer with it.
    greeting = Buffer.concat([greeting, data]);
    const endsAt = greeting.indexOf(READY);
    if (endsAt < 0) return;
    isSecondReady = true;
    client.write(greeting.subarray(endsAt + READY.length));
  });
  client.on("data", (data) => {
    if (!isStarted) {
      isStarted = true;
      for (const backend of backends) backend.write(data);
      return;
    }
    pending = Buffer.concat([pending, data]);
    for (;;) {
      if (pending.length < 5) return;
      const length = 1 + pending.readUInt32BE(1);
      if (pending.length < length) return;
      const type = String.fromCharCode(pending[0] ?? 0);
      backends[turn]?.write(pending.subarray(0, length));
      pending = pending.subarray(length);
      if (type === "Q" || type === "S") turn = 1 - turn;
    }
  });
}

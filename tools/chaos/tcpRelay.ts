import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

interface TcpRelay {
  readonly port: number;
  /** Breaks all connections that are open, as a network does: neither end is told why. */
  cut(): void;
  /** Whether new ones are broken as well. */
  refuse(isRefusing: boolean): void;
  close(): void;
}

/** Passes connections on to a port. */
export async function startTcpRelay(to: number): Promise<TcpRelay> {
  const open = new Set<Socket>();
  let refuses = false;
  const server = createServer((client) => {
    client.on("error", () => {});
    if (refuses) return void client.resetAndDestroy();
    const upstream = connect(to, "127.0.0.1");
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        open.delete(from);
        into.destroy();
      });
      from.pipe(into);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse: (isRefusing) => {
      refuses = isRefusing;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}

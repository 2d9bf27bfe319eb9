import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

const END_OF_HEAD = "\r\n\r\n";

interface Target {
  readonly port: number;
  readonly path: string;
}

/**
 * Asks each of the targets so many times, one request at a time, in turn: what the machine does beside meets all of
 * them alike. Answers must have no body. How long each target's answers took, in milliseconds.
 */
export async function inTurn(targets: readonly Target[], times: number): Promise<number[][]> {
  const sockets = await Promise.all(targets.map(open));
  const durations = targets.map((): number[] => []);
  for (let round = 0; round < times; round++) {
    for (const [index, socket] of sockets.entries()) {
      const sentAt = performance.now();
      await ask(socket, targets[index]?.path ?? "/");
      durations[index]?.push(performance.now() - sentAt);
    }
  }
  for (const socket of sockets) socket.destroy();
  return durations;
}

async function open({ port }: Target): Promise<Socket> {
  const socket = createConnection(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  await once(socket, "connect");
  return socket;
}

function ask(socket: Socket, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const read = (chunk: string) => {
      text += chunk;
      if (!text.endsWith(END_OF_HEAD)) return;
      socket.off("data", read);
      if (text.startsWith("HTTP/1.1 204")) resolve();
      else reject(new Error(`unexpected: ${text}`));
    };
    socket.on("data", read);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench.local\r\n\r\n`);
  });
}

import { once } from "node:events";
import { createConnection } from "node:net";

/** How many requests ride on a connection at once: enough that the client is never what is measured. */
const DEPTH = 32;
const CONNECTIONS = 8;
const END_OF_HEAD = "\r\n\r\n";

/** Asks for one path as fast as it is answered, for so long; returns how many answers (without a body) came. */
export async function flood(port: number, path: string, forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => floodOne(port, path, until)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function floodOne(port: number, path: string, until: number): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: bench.local\r\n\r\n`;
  const socket = createConnection(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  await once(socket, "connect");
  let answered = 0;
  let open = DEPTH;
  let rest = "";
  const finished = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", (chunk: string) => {
      const heads = (rest + chunk).split(END_OF_HEAD);
      rest = heads.pop() ?? "";
      if (heads.some((head) => !head.startsWith("HTTP/1.1 204"))) return reject(new Error(`unexpected: ${heads[0]}`));
      answered += heads.length;
      open -= heads.length;
      if (performance.now() >= until) {
        if (open === 0) socket.end();
        return;
      }
      socket.write(request.repeat(heads.length));
      open += heads.length;
    });
  });
  socket.write(request.repeat(DEPTH));
  await finished;
  return answered;
}

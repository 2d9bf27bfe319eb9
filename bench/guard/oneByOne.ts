import { once } from "node:events";
import { createConnection } from "node:net";

const END_OF_HEAD = "\r\n\r\n";

/** Asks for a path so many times, each once the last was answered (without a body), on one connection; how long each took. */
export async function oneByOne(port: number, path: string, times: number): Promise<number[]> {
  const request = `GET ${path} HTTP/1.1\r\nHost: bench.local\r\n\r\n`;
  const socket = createConnection(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  await once(socket, "connect");
  const durations: number[] = [];
  let text = "";
  let sentAt = 0;
  const ask = () => {
    sentAt = performance.now();
    socket.write(request);
  };
  const finished = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (!text.endsWith(END_OF_HEAD)) return;
      durations.push(performance.now() - sentAt);
      if (!text.startsWith("HTTP/1.1 204")) return reject(new Error(`unexpected: ${text}`));
      text = "";
      if (durations.length < times) ask();
      else socket.end();
    });
  });
  ask();
  await finished;
  if (durations.length < times) throw new Error(`${path} was answered ${durations.length} of ${times} times`);
  return durations;
}

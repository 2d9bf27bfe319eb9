import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../../../tools/cluster/processes.ts";

export interface Letter {
  readonly to: string;
  readonly name: string;
  readonly token: string;
  readonly expiresAt: string;
}

/** A webhook that keeps the letters it is handed. */
export async function startLetterBox() {
  const letters: Letter[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      letters.push(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Letter);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/letters`,
    letters,
    /** The next letter to an address that `take` did not give yet; undefined after `withinMs`. */
    async take(to: string, withinMs = 5_000): Promise<Letter | undefined> {
      const isThere = () => letters.some((letter) => letter.to === to);
      if (!(await until(isThere, withinMs))) return undefined;
      const index = letters.findIndex((letter) => letter.to === to);
      return letters.splice(index, 1)[0];
    },
    close: () => new Promise<unknown>((resolve) => server.close(resolve)),
  };
}

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What isolates load from: it counts who asks, and answers as the query has it. */
export interface Source {
  readonly url: string;
  /** How often this path was asked for. */
  asked(path: string): number;
  close(): Promise<void>;
}

/** `?ms=`: how late it answers; `?fails`: with 500; `?hangs=1`: the first who asks gets no answer. */
export async function startSource(): Promise<Source> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://source.invalid");
    const nth = (asked.get(pathname) ?? 0) + 1;
    asked.set(pathname, nth);
    if (searchParams.has("hangs") && nth === 1) return;
    const answer = () => {
      response.statusCode = searchParams.has("fails") ? 500 : 200;
      response.end(`${pathname} ${nth}`);
    };
    setTimeout(answer, Number(searchParams.get("ms") ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (path) => asked.get(path) ?? 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

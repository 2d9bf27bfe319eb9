import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Where letters with tokens for new passwords go, unread: a log would be full of them. */
export interface LetterBox {
  /** The Worker's variables that send them here. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openLetterBox(): Promise<LetterBox> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    environment: { PASSWORD_RESET_DELIVERY: "", PASSWORD_RESET_WEBHOOK: `http://127.0.0.1:${port}/letters` },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import { clientOf, type Got, type Send } from "./client.ts";

/** A client that keeps the session token it was last given, as a program does. */
export class Visitor {
  token: string | undefined;
  readonly #send: ReturnType<typeof clientOf>;

  constructor(url: string) {
    this.#send = clientOf(url);
  }

  async send(path: string, { headers, ...send }: Send = {}): Promise<Got> {
    const brought = this.token === undefined ? {} : { "Breakwater-Session": this.token };
    const got = await this.#send(path, { ...send, headers: { ...brought, ...headers } });
    this.token = got.headers.get("Breakwater-Session") ?? this.token;
    return got;
  }
}

/** The node that answered, and why it was asked. */
export function routeOf({ headers }: Got): { node: string; reason: string } {
  const [, node = "", reason = ""] = /^([\w-]+);reason=(\w+)/.exec(headers.get("Breakwater-Route") ?? "") ?? [];
  return { node, reason };
}

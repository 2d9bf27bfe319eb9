import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workerQueries } from "../../../../../../tools/indexes/advise/workerQueries.ts";

const query = (name: string, count: number) => ({ name, count, totalMs: 50, p50Ms: 1, p99Ms: 30 });

/** What the Worker answers; the shape is held to the real one by the Worker's own tests. */
const ANSWER = {
  world: { ageMs: 10, slowest: [query("a", 1), query("b", 2)], mostFrequent: [query("b", 2), query("c", 3)] },
  scope: "isolate",
  queries: [],
};

const server = createServer((request, response) => {
  const isAdmin = request.headers.authorization === "Bearer right" && request.url === "/admin/queries";
  response.writeHead(isAdmin ? 200 : 401).end(JSON.stringify(isAdmin ? ANSWER : {}));
});
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe("a Worker's own statistics", () => {
  it("have each query once, slow or frequent, with its slow end", async () => {
    const { queries, note } = await workerQueries({ url, adminToken: "right" });
    expect(note).toBeUndefined();
    expect(queries.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(queries[1]).toMatchObject({ source: "worker", calls: 2, totalMs: 50, slowMs: 30 });
  });

  it.each([
    [
      "does not know the token",
      () => url,
      "wrong",
      "The Worker answers 401 to /admin/queries: is that its --admin-token?",
    ],
    ["is not there", () => "http://127.0.0.1:1", "right", "The Worker does not tell of its queries"],
    ["has no address", () => "nonsense", "right", "The Worker does not tell of its queries"],
  ])("are a note where it %s", async (_, at, adminToken, note) => {
    const told = await workerQueries({ url: at(), adminToken });
    expect(told.queries).toEqual([]);
    expect(told.note).toContain(note);
  });
});

import { NODE_NAMES } from "./constants.ts";

/**
 * Stands for Neon's endpoint: answers at once with a page of twenty rows, or what a node says of itself. What is
 * measured is the Worker that asks; a real endpoint would make everything slower, and the guard's part smaller.
 */

const TEXT = 25;
const BOOLEAN = 16;

const page = body(
  ["id", "title", "genre", "status"],
  Array.from({ length: 20 }, (_, index) => [String(index), `Pitch number ${index}`, "drama", "published"]),
);

/** Role, epoch, position, generation: the answer to `breakwater.sample`. */
const sampleOf = new Map(
  NODE_NAMES.map((name, index) => [
    name as string,
    body(["r", "e", "p", "g"], [[index > 0 ? "t" : "f", "1", "1", "1"]]),
  ]),
);

export default {
  async fetch(request: Request): Promise<Response> {
    const { query } = (await request.json()) as { query: string };
    if (!query.includes("pg_is_in_recovery")) return answer(page);
    const host = new URL(request.headers.get("Neon-Connection-String") ?? "postgres://none").hostname;
    return answer(sampleOf.get(host.split(".")[0] ?? "") ?? page);
  },
};

function answer(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "application/json" } });
}

function body(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const fields = names.map((name) => ({ name, dataTypeID: name === "r" ? BOOLEAN : TEXT }));
  return JSON.stringify({ command: "SELECT", rowCount: rows.length, rowAsArray: true, fields, rows });
}

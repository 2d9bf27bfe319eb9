import { ADMIN_TOKEN } from "./system.ts";

/** An operator's questions and orders (with a body) to one Worker's `/admin`. */
export function operatorOf(url: string) {
  return async (path: string, body?: object) => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
    const init = body ? { method: "POST", body: JSON.stringify(body), headers } : { headers };
    const response = await fetch(`${url}/admin${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

/** A node as `GET /admin/replicas` shows it. */
export interface ShownNode {
  readonly name: string;
  readonly role: string;
  readonly isOut: boolean;
  readonly reasons: readonly string[];
  readonly generation: string | null;
}

export async function shownNodes(url: string): Promise<Record<string, ShownNode>> {
  const { nodes } = (await operatorOf(url)("/replicas")).body as { nodes: ShownNode[] };
  return Object.fromEntries(nodes.map((node) => [node.name, node]));
}

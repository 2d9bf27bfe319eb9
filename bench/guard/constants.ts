/** The nodes of the bench; the first is the primary. */
export const NODE_NAMES = ["node-1", "node-2", "node-3"] as const;

/** Where all of them are: a Worker beside the one that is measured, in the same process. */
export const ENDPOINT = "http://endpoint.bench.local/sql";

/** How a node is reached; the endpoint tells them apart by the host's first label. */
export function connectionString(node: string): string {
  return `postgres://nobody:nothing@${node}.bench.local/nothing`;
}

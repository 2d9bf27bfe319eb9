import type { NodeState } from "../cluster/state.ts";

/** Where the local system is, as the Worker's variables and secrets say it. */
export interface LocalSystem {
  readonly nodes: readonly NodeState[];
  readonly proxyUrl: string;
  readonly adminToken: string;
}

/** The Worker's environment on this machine: everything on, every node through the local Neon endpoint. */
export function localEnvironment({ nodes, proxyUrl, adminToken }: LocalSystem): Record<string, string> {
  const environment: Record<string, string> = {
    BREAKWATER_MODE: "on",
    EXPOSE_ROUTE: "always",
    LOG_SAMPLE: "0", // the terminal is for what went wrong
    ADMIN_TOKENS: adminToken,
    SESSION_KEYS: `signs-sessions-${adminToken}`, // as secret as that one, and kept as long
    PASSWORD_RESET_DELIVERY: "log", // nobody here sends e-mail
    NEON_ENDPOINT: `${proxyUrl}/sql`,
    BREAKWATER_NODES: JSON.stringify(
      nodes.map(({ name }) => ({
        name,
        region: "local",
        transport: "neon",
        secret: secretName(name),
        maySleep: false,
      })),
    ),
  };
  for (const { name } of nodes) {
    // The endpoint tells nodes apart by the first label of the host; the name is never resolved.
    environment[secretName(name)] = `postgres://breakwater:breakwater@${name}.breakwater.local/marketplace`;
  }
  return environment;
}

function secretName(node: string): string {
  return `DATABASE_URL_${node.toUpperCase().replaceAll("-", "_")}`;
}

import type { Query } from "../../src/database/query.ts";
import type { Token } from "../../src/replicas/session/token.ts";

/** The kinds of read that are compared: of any replica, of a session with all its marks, of the primary. */
export const KINDS = ["bare", "session", "strict"] as const;
export type Kind = (typeof KINDS)[number];

/**
 * Neon's endpoint; Hyperdrive with a pooler by transaction behind it, which stands for Hyperdrive's own, that no local
 * one has; and the local one as it is, where each request opens a new connection to Postgres.
 */
export const TRANSPORTS = ["neon", "hyperdrive", "hyperdriveUnpooled"] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** What the bench's Worker is asked. It answers with the session's token as it stands then. */
export interface FreshnessRequest {
  readonly transport: TransportName;
  readonly kind: Kind;
  readonly query: Query;
  readonly token: Token | null;
}

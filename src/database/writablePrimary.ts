import { DatabaseError } from "./errors.ts";
import { locatePrimary } from "./locatePrimary.ts";
import type { RequestScope } from "./requestScope.ts";

/** The node to write to, and the epoch it must be in. */
export interface Primary {
  readonly node: string;
  readonly epoch: string;
}

/** The primary, for somebody who writes. Throws as `locatePrimary`, and where the schema is missing that a write needs. */
export async function writablePrimary(scope: RequestScope, refresh = false): Promise<Primary> {
  const { node, epoch } = await locatePrimary(scope, refresh);
  if (epoch !== null) return { node, epoch };
  throw new DatabaseError(
    "configuration",
    `The schema "breakwater" is missing on ${node}: run \`npm run cli -- install\` against it.`,
  );
}

import { breakerPause } from "./breakerPause.ts";
import { IndexError } from "./indexError.ts";

/** Where Breakwater's own breaker is asked. */
export interface BreakerAccess {
  /** The Worker's address. */
  readonly url: string;
  readonly adminToken: string;
  /** Where it cannot be asked: wait for it, or build all the same. */
  readonly ifUnknown: "wait" | "go";
}

const TIMEOUT_MS = 3_000;

/** Why the next index should not be started yet; `isUnknown`: because nobody could be asked. */
export type BreakerWord =
  | { readonly kind: "closed" }
  | { readonly kind: "unwell"; readonly text: string }
  | { readonly kind: "unknown"; readonly text: string };

/** Asks `GET /admin/breaker`. Throws where the token is wrong: no waiting mends that. */
export async function askBreaker({ url, adminToken }: BreakerAccess): Promise<BreakerWord> {
  try {
    const response = await fetch(new URL("/admin/breaker", url), {
      headers: { Authorization: `Bearer ${adminToken}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401 || response.status === 403) {
      throw new IndexError("refused", `${url} does not take this admin token: mend --admin-token.`);
    }
    if (!response.ok) return { kind: "unknown", text: `${url}/admin/breaker answers ${response.status}` };
    const unwell = breakerPause(await response.json());
    return unwell.length === 0 ? { kind: "closed" } : { kind: "unwell", text: `the breaker of ${unwell.join(", ")}` };
  } catch (error) {
    if (error instanceof IndexError) throw error;
    const { message } = error as Error;
    return { kind: "unknown", text: `the breaker cannot be asked at ${url} (${message})` };
  }
}

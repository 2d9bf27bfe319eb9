import { ProblemError } from "../../breakwater.ts";
import { CURRENT_HASH_PREFIX, DUMMY_HASH, HASH_FORGOTTEN_MS, MAX_HASHES_WAITING } from "../constants.ts";
import { boundedInFlight } from "./boundedInFlight.ts";

/** A password hash function that blocks while it works. `hash` answers a PHC string with its own random salt. */
export interface Hasher {
  hash(password: string): string;
  verify(encoded: string, password: string): boolean;
}

/** What logins and registrations ask. Both methods throw the problem `busy` when too many ask at once. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** One verification whatever is asked, so that the time tells nothing; `undefined` (no such account) is never right. */
  isRight(encoded: string | undefined, password: string): Promise<boolean>;
}

/** Passwords over a hasher, at most `MAX_HASHES_WAITING` of them at a time in this isolate. */
export function createPasswords(hasher: Hasher, now: () => number = Date.now): Passwords {
  const waiting = boundedInFlight(MAX_HASHES_WAITING, HASH_FORGOTTEN_MS);

  async function inTurn<T>(work: () => T): Promise<T> {
    const leave = waiting.enter(now());
    if (!leave) {
      const detail = "Too many people are signing in at this moment.";
      throw new ProblemError("busy", { detail, retryAfterMs: 1_000 });
    }
    try {
      // Between two hashes the thread is given to whoever else waits for it: cheap requests do not queue behind all.
      await new Promise((resolve) => setTimeout(resolve, 0));
      return work();
    } finally {
      leave();
    }
  }

  return {
    hash: (password) => inTurn(() => hasher.hash(normalized(password))),
    isRight: (encoded, password) =>
      inTurn(() => {
        // An account that nobody can sign in to has no Argon2 hash but `!`.
        const isUsable = encoded?.startsWith("$argon2id$") === true;
        const isMatch = hasher.verify(isUsable ? encoded : DUMMY_HASH, normalized(password));
        return isUsable && isMatch;
      }),
  };
}

/** Whether a hash was made with other parameters than today's. */
export function isOutdated(encoded: string): boolean {
  return !encoded.startsWith(CURRENT_HASH_PREFIX);
}

/** The same password typed on another keyboard may be other code points; NIST SP 800-63B asks for NFKC. */
function normalized(password: string): string {
  return password.normalize("NFKC");
}

import { Client } from "pg";
import { MigrationError } from "./migrationError.ts";
import { statedSslMode } from "./statedSslMode.ts";

const NO_ANSWER = "it does not answer: mend the host, or open the network to it";

/** What a server that will not have us says, in a sentence for whoever ran the command. */
const REFUSALS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: start the database, or mend the host and port",
  ENOTFOUND: "that host is not known: mend the host",
  EAI_AGAIN: "its name could not be looked up: mend the network",
  ETIMEDOUT: NO_ANSWER,
  EHOSTUNREACH: NO_ANSWER,
  ENETUNREACH: NO_ANSWER,
  ECONNRESET: "it hung up: make sure that it is PostgreSQL that listens there",
  "28P01": "the password is wrong",
  "28000": "that user may not connect: mend the user, or the server's pg_hba.conf",
  "3D000": "there is no database of that name: create it first",
  "57P03": "it is starting up or shutting down: try again in a moment",
  "42501": "that user may not use the database: grant CONNECT",
  "53300": "it has no connection left: close some, or try again later",
};

/** What `pg` says in words alone. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/timeout expired/i, NO_ANSWER],
  [/terminated unexpectedly/i, "it hung up: make sure that it is PostgreSQL that listens there"],
  [/does not support SSL/i, "it has no TLS: leave sslmode out of the URL"],
  [/certificate/i, "its TLS certificate is not one we trust: mend sslmode or sslrootcert in the URL"],
  [/password must be a string/i, "it wants a password: put one into the URL"],
];

/**
 * A session on whatever answers at the address, primary or standby. Throws `MigrationError` that says what to mend,
 * without the password; `what` is what the address is called in it.
 */
export async function openClient(connectionString: string, what = "The database URL"): Promise<Client> {
  const client = clientFor(connectionString, what);
  client.on("error", () => {}); // the next statement says it
  try {
    await client.connect();
  } catch (cause) {
    throw new MigrationError(`Cannot connect to ${client.host}:${client.port}: ${whyRefused(cause)}.`, { cause });
  }
  return client;
}

function whyRefused(cause: unknown): string {
  const { code = "", message = "it refused" } = cause as { code?: string; message?: string };
  return REFUSALS[code] ?? WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

function clientFor(connectionString: string, what: string): Client {
  try {
    const { protocol, hostname } = new URL(connectionString);
    if (protocol !== "postgres:" && protocol !== "postgresql:") throw new TypeError(`It begins with ${protocol}`);
    // A pooler gives each transaction another session: the runners' lock would be held by nobody.
    if (hostname.split(".")[0]?.endsWith("-pooler")) {
      throw new MigrationError(`${hostname} is a pooler: give the direct address, the same without "-pooler".`);
    }
    return new Client({ connectionString: statedSslMode(connectionString), connectionTimeoutMillis: 10_000 });
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError(`${what} is not postgres://user:password@host:port/database.`, { cause });
  }
}

import { EndpointError } from "./endpointError.ts";

/** What a `Neon-Connection-String` says. */
export interface ConnectionTarget {
  /** First label of the host: the endpoint at Neon, the node here. */
  readonly label: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Startup parameters from the query string, such as `application_name`. */
  readonly startup: ReadonlyMap<string, string>;
}

/** Settings of the client's own library: they say how to connect, not what the session is. */
const CLIENT_SIDE_PARAMETERS = new Set([
  "sslmode",
  "channel_binding",
  "sslnegotiation",
  "connect_timeout",
  "pgbouncer",
]);

/**
 * Parses the header as Neon's proxy does, with its words. Unlike there, an IP address is no special case: its first
 * label is simply no node.
 * @throws {EndpointError} 400 for anything missing or malformed.
 */
export function parseConnectionString(header: string | undefined): ConnectionTarget {
  if (header === undefined) throw refused("invalid header: neon-connection-string");
  if (!URL.canParse(header)) throw refused("invalid connection string: it is no URL");
  const url = new URL(header);
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") throw refused("incorrect scheme");
  const database = decoded(url.pathname.slice(1), "database name");
  if (database === "") throw refused("missing database name");
  const user = decoded(url.username, "username");
  if (user === "") throw refused("missing username");
  const password = decoded(url.password, "password");
  if (password === "") throw refused("missing authentication credentials: required password");
  const [label = ""] = url.hostname.split(".");
  if (label === "") throw refused("missing hostname");
  const startup = new Map([...url.searchParams].filter(([name]) => !CLIENT_SIDE_PARAMETERS.has(name)));
  for (const [name, value] of startup) if (`${name}${value}`.includes("\0")) throw refused(`invalid ${name}`);
  return { label, user, password, database, startup };
}

function decoded(part: string, what: string): string {
  try {
    const text = decodeURIComponent(part);
    // A NUL would end the string on the wire, and what follows would be read as another field.
    if (!text.includes("\0")) return text;
  } catch {
    // Malformed percent-encoding: refused with the same words.
  }
  throw refused(`invalid ${what}`);
}

function refused(message: string): EndpointError {
  return EndpointError.of(400, { message });
}

import { REMOVED } from "./constants.ts";

/** A password may hold anything but white space; 256 characters bound the search for its "@". */
const DATABASE_URL =
  /\b(postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|sqlserver|libsql):\/\/(\S{0,256}@)?([^\s"'<>`]*)/gi;

const ANY_URL = /([a-z][a-z0-9+-]{0,20}:\/\/)([^\s/?#@"'<>`]{1,256}@)?([^\s?#"'<>`]*)([?#][^\s"'<>`]*)?/gi;

/** A path's query string, without a URL around it. */
const QUERY_STRING = /\?[\w.~%[\]-]{1,64}=[^\s"'<>`]*/g;

/** Line and column behind the URL of a stack frame. */
const POSITION = /(?::\d{1,9}){1,2}\)?$/;

/** Of a connection string scheme and host are left; of any other URL also its path, and no user, password or query. */
export function hideUrlSecrets(text: string): string {
  return text
    .replace(DATABASE_URL, (_, scheme: string, user: string | undefined, rest: string) => {
      const host = /^[\w.,:[\]-]*/.exec(rest)?.[0] ?? "";
      // Without an "@" this may be the head of a string that was cut off: "user:pass" and not "host:5432".
      const isHost = user !== undefined || !/:(?!\d{1,5}(?:,|$))/.test(host);
      return `${scheme}://${isHost ? host : REMOVED}`;
    })
    .replace(ANY_URL, (_, scheme: string, _user: string | undefined, path: string, query: string | undefined) => {
      if (query === undefined) return `${scheme}${path}`;
      return `${scheme}${path}?${REMOVED}${POSITION.exec(query.slice(-20))?.[0] ?? ""}`;
    })
    .replace(QUERY_STRING, `?${REMOVED}`);
}

import type { Session } from "../database/session.ts";
import type { Token } from "../replicas/session/token.ts";
import { sha256Hex } from "../rpc/sha256Hex.ts";

/** What older versions called the one cookie of what was written, and what is pasted by hand. */
const NAME = /^bw(-[0-9a-f]{12})?$/;

/** More than a browser has under way at once; each is a signature to verify, some 20 µs. */
const MAX_READ = 256;

/**
 * So many are always put into one. Of more, which only many requests under way at once leave, few of these do so: each
 * would call it otherwise, and set it to all that there is. With a hundred under way that would be 208 KB of one request,
 * and is 98 KB by these numbers (answered in the order of asking, which is the worst).
 */
const FOLDED_BY_ALL = 32;
const FEW = 8;

/** A cookie that an answer sets; without a token, removes. */
export interface WrittenCookie {
  readonly name: string;
  readonly token: Token | undefined;
}

/** The cookies that tell what was written, by name, as they came. */
export function writtenCookies(request: Request): ReadonlyMap<string, string> {
  const pairs = (request.headers.get("cookie") ?? "").split(";").flatMap((pair): [string, string][] => {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals).trim();
    return equals > 0 && NAME.test(name) ? [[name, pair.slice(equals + 1).trim()]] : [];
  });
  return new Map(pairs.slice(0, MAX_READ));
}

/**
 * How what was written is carried by a browser whose requests overlap, of which no answer knows the others. Each request
 * that wrote sets a cookie of its own, which is never set to anything less: so none takes another's away. Whoever brings
 * several (`names`) puts them into one: which is set before they are removed, so that nothing is ever in none. Two that
 * bring the same ones at once call it the same, and set it to as much. `random` in [0, 1).
 */
export async function writtenCookiesAfter(
  session: Session,
  names: readonly string[],
  random: number,
): Promise<WrittenCookie[]> {
  const { wrote, rest } = session.parts;
  // A write implies marks that were brought, and a read may have found one to be lost: these are not to stay.
  const isOther = !isEmpty(wrote) || session.broken.lost.length > 0;
  const isOneOfFew = names.length <= FOLDED_BY_ALL || random * names.length < FEW;
  const isToFold = isOneOfFew && (names.length > 1 || (names.length === 1 && isOther));
  const folded = isToFold && !isEmpty(rest) ? [{ name: await nameOf(names), token: rest }] : [];
  const own = isEmpty(wrote) ? [] : [{ name: await nameOf(idsOf(wrote)), token: wrote }];
  const kept = new Set([...folded, ...own].map(({ name }) => name));
  const removed = isToFold ? names.filter((name) => !kept.has(name)) : [];
  return [...own, ...folded, ...removed.map((name) => ({ name, token: undefined }))];
}

async function nameOf(parts: readonly string[]): Promise<string> {
  return `bw-${(await sha256Hex([...parts].sort().join())).slice(0, 12)}`;
}

function idsOf({ marks, shared = [] }: Token): string[] {
  return [...new Set([...marks, ...shared].map(({ id }) => id))];
}

function isEmpty({ marks, shared = [] }: Token): boolean {
  return marks.length === 0 && shared.length === 0;
}

import { withNumbersOf } from "../cache/owed.ts";
import type { Session } from "../database/session.ts";
import type { TokenSigner } from "../database/tokenSigner.ts";
import { joinTokens } from "../replicas/session/joinTokens.ts";
import type { Token } from "../replicas/session/token.ts";
import { cookieValue } from "./accounts.ts";
import { keepPrivate } from "./keepPrivate.ts";
import { writtenCookies, writtenCookiesAfter } from "./writtenCookies.ts";

/** Carries the token for programs, as the cookies do for browsers. */
export const SESSION_HEADER = "Breakwater-Session";

/**
 * What was seen, with the numbers that were given to what was written. A browser keeps of requests that overlap what the
 * last answer gave: so what was written is in cookies of its own (`writtenCookies.ts`).
 */
const SEEN_COOKIE = "bw-seen";
/** A token's own life, in seconds: with it ends what it proves. */
const COOKIE_MAX_AGE_S = 3_600;

/** What could not be kept, in the answer that could not keep it: an RFC 9651 dictionary. */
const CONSISTENCY_HEADER = "Breakwater-Consistency";

/** The token that a request brings. `isRefused`: named in the header, where nobody sends it by accident, and none of ours. */
export interface Brought {
  readonly token: Awaited<ReturnType<TokenSigner["read"]>>;
  readonly by: "header" | "cookies" | undefined;
  /** The cookies that told what was written. */
  readonly written: readonly string[];
  readonly isRefused: boolean;
}

/** A cookie that is none of ours, or too old, is as none: its browser cannot help it. */
export async function broughtBy(request: Request, signer: TokenSigner, now: number): Promise<Brought> {
  const named = request.headers.get(SESSION_HEADER);
  if (named !== null) {
    const token = await signer.read(named, now);
    return { token, by: "header", written: [], isRefused: token === undefined };
  }
  const written = writtenCookies(request);
  const seenText = cookieValue(request, SEEN_COOKIE);
  const seen = seenText === null ? undefined : await signer.read(seenText, now);
  const read = await Promise.all(Array.from(written.values(), (text) => signer.read(text, now)));
  const pieces = read.filter((piece) => piece !== undefined);
  return {
    token: joined(pieces, seen, now),
    by: written.size > 0 || seenText !== null ? "cookies" : undefined,
    written: [...written.keys()],
    isRefused: false,
  };
}

function joined(pieces: readonly Token[], seen: Token | undefined, now: number): Token | undefined {
  if (pieces.length === 0) return seen && { marks: [], seen: seen.seen };
  const all = joinTokens(pieces, now);
  return { ...all, seen: seen?.seen ?? all.seen, shared: withNumbersOf(all.shared ?? [], seen?.shared ?? []) };
}

/** How a session goes out. `by`, `written`: how it came; a client that never had one gets it both ways. */
interface Sealing {
  readonly signer: TokenSigner;
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
  readonly isHttps: boolean;
  readonly by: Brought["by"];
  readonly written: Brought["written"];
}

/** Puts what the session takes away on an answer. Never shared: the token is one client's. */
export async function sealSession(
  headers: Headers,
  session: Session,
  { signer, now, random, isHttps, by, written }: Sealing,
): Promise<void> {
  const { changed, broken } = session;
  const said = [
    ...(broken.lost.length > 0 ? [`lost=${broken.lost.length}`] : []),
    ...(broken.rewound ? ["rewound"] : []),
    ...(broken.unproven ? ["unproven"] : []),
  ];
  if (said.length > 0) headers.set(CONSISTENCY_HEADER, said.join(", "));
  if (!changed) return;
  keepPrivate(headers);
  if (by !== "cookies") headers.set(SESSION_HEADER, await signer.sign(changed, now));
  if (by === "header") return;
  const secure = isHttps ? "; Secure" : "";
  const set = async (name: string, token: Token | undefined) => {
    const life = `Max-Age=${token ? COOKIE_MAX_AGE_S : 0}`;
    const value = token ? await signer.sign(token, now) : "";
    headers.append("Set-Cookie", `${name}=${value}; Path=/; ${life}; HttpOnly; SameSite=Lax${secure}`);
  };
  for (const { name, token } of await writtenCookiesAfter(session, written, random)) await set(name, token);
  const numbered = (changed.shared ?? []).filter(({ seq }) => seq > 0);
  if (changed.seen || numbered.length > 0) await set(SEEN_COOKIE, { marks: [], seen: changed.seen, shared: numbered });
}

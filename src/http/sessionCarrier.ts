import { withNumbersOf } from "../cache/owed.ts";
import type { Session } from "../database/session.ts";
import type { TokenSigner } from "../database/tokenSigner.ts";
import type { Token } from "../replicas/session/token.ts";
import { cookieValue } from "./accounts.ts";
import { keepPrivate } from "./keepPrivate.ts";

/** Carries the token for programs, as the cookies do for browsers. */
export const SESSION_HEADER = "Breakwater-Session";

/**
 * What was written, and what was seen (with the numbers that were given to what was written). A browser keeps of requests that overlap what the last answer gave: a read that
 * began before a write was answered must not take the write's mark away.
 */
const WRITTEN_COOKIE = "bw";
const SEEN_COOKIE = "bw-seen";
/** A token's own life, in seconds: with it ends what it proves. */
const COOKIE_MAX_AGE_S = 3_600;

/** What could not be kept, in the answer that could not keep it: an RFC 9651 dictionary. */
const CONSISTENCY_HEADER = "Breakwater-Consistency";

/** The token that a request brings. `isRefused`: named in the header, where nobody sends it by accident, and none of ours. */
export interface Brought {
  readonly token: Awaited<ReturnType<TokenSigner["read"]>>;
  readonly by: "header" | "cookies" | undefined;
  readonly isRefused: boolean;
}

/** A cookie that is none of ours, or too old, is as none: its browser cannot help it. */
export async function broughtBy(request: Request, signer: TokenSigner, now: number): Promise<Brought> {
  const named = request.headers.get(SESSION_HEADER);
  if (named !== null) {
    const token = await signer.read(named, now);
    return { token, by: "header", isRefused: token === undefined };
  }
  const cookies = [WRITTEN_COOKIE, SEEN_COOKIE].map((name) => cookieValue(request, name));
  const [written, seen] = await Promise.all(
    cookies.map((cookie) => (cookie === null ? undefined : signer.read(cookie, now))),
  );
  const isNone = !written && !seen;
  const shared = written?.shared && { shared: withNumbersOf(written.shared, seen?.shared ?? []) };
  const token = isNone
    ? undefined
    : { marks: written?.marks ?? [], seen: seen?.seen ?? written?.seen ?? null, ...shared };
  return { token, by: cookies.some((cookie) => cookie !== null) ? "cookies" : undefined, isRefused: false };
}

/** How a session goes out. `by`: how it came; a client that never had one gets it both ways. */
interface Sealing {
  readonly signer: TokenSigner;
  readonly now: number;
  readonly isHttps: boolean;
  readonly by: Brought["by"];
}

/** Puts what the session takes away on an answer. Never shared: the token is one client's. */
export async function sealSession(
  headers: Headers,
  session: Session,
  { signer, now, isHttps, by }: Sealing,
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
  const set = async (name: string, token: Token) => {
    const attributes = `Path=/; Max-Age=${COOKIE_MAX_AGE_S}; HttpOnly; SameSite=Lax${secure}`;
    headers.append("Set-Cookie", `${name}=${await signer.sign(token, now)}; ${attributes}`);
  };
  if (session.hasOtherMarks) await set(WRITTEN_COOKIE, { ...changed, seen: null });
  const numbered = (changed.shared ?? []).filter(({ seq }) => seq > 0);
  if (changed.seen || numbered.length > 0) await set(SEEN_COOKIE, { marks: [], seen: changed.seen, shared: numbered });
}

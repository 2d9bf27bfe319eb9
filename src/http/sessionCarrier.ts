import type { Session } from "../database/session.ts";
import type { TokenSigner } from "../database/tokenSigner.ts";
import { cookieValue } from "./accounts.ts";

/** Carries the token for programs; the cookie does for browsers. */
const SESSION_HEADER = "Breakwater-Session";
const COOKIE = "bw";
/** A token's own life, in seconds: with it ends what it proves. */
const COOKIE_MAX_AGE_S = 3_600;

/** What could not be kept, in the answer that could not keep it: an RFC 9651 dictionary. */
const CONSISTENCY_HEADER = "Breakwater-Consistency";

/** The token that a request brings. `isRefused`: named in the header, where nobody sends it by accident, and none of ours. */
export interface Brought {
  readonly token: Awaited<ReturnType<TokenSigner["read"]>>;
  readonly isRefused: boolean;
}

/** A cookie that is none of ours, or too old, is as none: its browser cannot help it. */
export async function broughtBy(request: Request, signer: TokenSigner, now: number): Promise<Brought> {
  const named = request.headers.get(SESSION_HEADER);
  if (named !== null) {
    const token = await signer.read(named, now);
    return { token, isRefused: token === undefined };
  }
  const cookie = cookieValue(request, COOKIE);
  return { token: cookie === null ? undefined : await signer.read(cookie, now), isRefused: false };
}

/** Puts what the session takes away on an answer. Never shared: the token is one client's. */
export async function sealSession(
  headers: Headers,
  session: Session,
  { signer, now, isHttps }: { readonly signer: TokenSigner; readonly now: number; readonly isHttps: boolean },
): Promise<void> {
  const { changed, broken } = session;
  const said = [
    ...(broken.lost.length > 0 ? [`lost=${broken.lost.length}`] : []),
    ...(broken.rewound ? ["rewound"] : []),
    ...(broken.unproven ? ["unproven"] : []),
  ];
  if (said.length > 0) headers.set(CONSISTENCY_HEADER, said.join(", "));
  if (!changed) return;
  const text = await signer.sign(changed, now);
  const secure = isHttps ? "; Secure" : "";
  headers.set(SESSION_HEADER, text);
  headers.append(
    "Set-Cookie",
    `${COOKIE}=${text}; Path=/; Max-Age=${COOKIE_MAX_AGE_S}; HttpOnly; SameSite=Lax${secure}`,
  );
  headers.set("Cache-Control", "private, no-store");
}

import { describe, expect, test } from "vitest";
import { KnownBumps } from "../../../../src/cache/knownBumps.ts";
import { Session } from "../../../../src/database/session.ts";
import { TokenSigner } from "../../../../src/database/tokenSigner.ts";
import { broughtBy, sealSession } from "../../../../src/http/sessionCarrier.ts";
import type { Proof } from "../../../../src/replicas/session/proof.ts";

const NOW = 1_700_000_000_000;
const signer = new TokenSigner(["a-key-of-this-installation"]);
const A = "01999999-0000-7000-8000-00000000000a";
const B = "01999999-0000-7000-8000-00000000000b";
const NOTHING = { lost: [], rewound: false, unproven: false };
const proofAt = (xmax: bigint): Proof => ({
  own: 0,
  xmin: xmax,
  xmax,
  generation: "g",
  epoch: 1n,
  switchXmin: null,
  isPrimary: false,
});

/** One request by a client with these headers: what is done in its session, and what its answer carries. */
async function visit(headers: HeadersInit, work: (session: Session) => void): Promise<Headers> {
  const { token, by } = await broughtBy(new Request("https://x.invalid/", { headers }), signer, NOW);
  const session = new Session(token);
  work(session);
  const answer = new Headers();
  await sealSession(answer, session, { signer, now: NOW, isHttps: true, by });
  return answer;
}

const writes = (id: string) => (session: Session) =>
  session.wrote({ id, epoch: "1" }, session.token?.marks ?? [], [7], NOW);
const sees = (xmax: bigint) => (session: Session) => session.read("b", proofAt(xmax), NOTHING);

/** The world tells the number of a write. */
const numbers = (id: string, seq: number) => (session: Session) => {
  const known = { ...new KnownBumps({ bumps: undefined }).at(NOW), incarnation: 5, recent: new Map([[id, seq]]) };
  session.owed(known, NOW);
};

/** Keeps what each answer sets, as a browser does. */
class Jar {
  readonly #cookies = new Map<string, string>();

  get headers(): Record<string, string> {
    return { Cookie: Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join("; ") };
  }

  take(answer: Headers): void {
    for (const cookie of answer.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
  }

  async token() {
    return (await broughtBy(new Request("https://x.invalid/", { headers: this.headers }), signer, NOW)).token;
  }
}

describe("a session is carried", () => {
  test("both ways to whoever never had one, and then as it came", async () => {
    const first = await visit({}, writes(A));
    expect([first.has("Breakwater-Session"), first.getSetCookie().length]).toEqual([true, 1]);
    const byHeader = await visit({ "Breakwater-Session": first.get("Breakwater-Session") ?? "" }, sees(9n));
    expect([byHeader.has("Breakwater-Session"), byHeader.getSetCookie()]).toEqual([true, []]);
    const jar = new Jar();
    jar.take(first);
    const byCookie = await visit(jar.headers, sees(9n));
    expect([byCookie.has("Breakwater-Session"), byCookie.getSetCookie().length]).toEqual([false, 1]);
    expect(byCookie.getSetCookie()[0]).toMatch(
      /^bw-seen=[^;]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  test("by a browser through requests that overlap: a read takes no write away, whatever is answered last", async () => {
    const jar = new Jar();
    jar.take(await visit({}, writes(A)));
    const before = jar.headers;
    jar.take(await visit(before, writes(B)));
    jar.take(await visit(before, sees(20n))); // sent before the write, answered after it
    expect(await jar.token()).toMatchObject({ marks: [{ id: B }], seen: { node: "b", xmax: "20" } });
  });

  test("with the numbers of its writes in what was seen: who has none of them yet takes none away", async () => {
    const jar = new Jar();
    jar.take(await visit({}, writes(A)));
    const before = jar.headers;
    jar.take(await visit(before, writes(B)));
    jar.take(await visit(before, numbers(A, 12))); // sent before the second write, answered after it
    expect(await jar.token()).toMatchObject({
      shared: [
        { id: A, seq: 12, incarnation: 5, buckets: [7] },
        { id: B, seq: 0 },
      ],
    });
  });

  test("by an answer that no cache may keep", async () => {
    const answer = new Headers({ "Cache-Control": "public", "CDN-Cache-Control": "public, max-age=10" });
    const session = new Session();
    writes(A)(session);
    await sealSession(answer, session, { signer, now: NOW, isHttps: true, by: undefined });
    expect([answer.get("Cache-Control"), answer.has("CDN-Cache-Control")]).toEqual(["private, no-store", false]);
  });

  test("not at all where nothing changed, or nothing is owed", async () => {
    expect([...(await visit({}, () => {})).keys()]).toEqual([]);
    expect([...(await visit({}, sees(9n))).keys()]).toEqual([]);
  });

  test("as none by a cookie that is none of ours, and refused in the header", async () => {
    const of = (headers: HeadersInit) => broughtBy(new Request("https://x.invalid/", { headers }), signer, NOW);
    expect(await of({ Cookie: "bw=x; bw-seen=y" })).toEqual({ token: undefined, by: "cookies", isRefused: false });
    expect(await of({ "Breakwater-Session": "x" })).toMatchObject({ token: undefined, isRefused: true });
  });
});

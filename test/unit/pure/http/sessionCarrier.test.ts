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
async function visit(headers: HeadersInit, work: (session: Session) => void, random = 0.5): Promise<Headers> {
  const { token, by, written } = await broughtBy(new Request("https://x.invalid/", { headers }), signer, NOW);
  const session = new Session(token);
  work(session);
  const answer = new Headers();
  await sealSession(answer, session, { signer, now: NOW, random, isHttps: true, by, written });
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
      if (/; Max-Age=0;/.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  get names(): string[] {
    return [...this.#cookies.keys()].sort();
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
    await sealSession(answer, session, { signer, now: NOW, random: 0.5, isHttps: true, by: undefined, written: [] });
    expect([answer.get("Cache-Control"), answer.has("CDN-Cache-Control")]).toEqual(["private, no-store", false]);
  });

  test("not at all where nothing changed, or nothing is owed", async () => {
    expect([...(await visit({}, () => {})).keys()]).toEqual([]);
    expect([...(await visit({}, sees(9n))).keys()]).toEqual([]);
  });

  test("as none by a cookie that is none of ours, and refused in the header", async () => {
    const of = (headers: HeadersInit) => broughtBy(new Request("https://x.invalid/", { headers }), signer, NOW);
    expect(await of({ Cookie: "bw=x; bw-seen=y; bw-012345678901=z" })).toEqual({
      token: undefined,
      by: "cookies",
      written: ["bw", "bw-012345678901"],
      isRefused: false,
    });
    expect(await of({ "Breakwater-Session": "x" })).toMatchObject({ token: undefined, isRefused: true });
  });
});

describe("of two writes that one browser has under way at once", () => {
  const C = "01999999-0000-7000-8000-00000000000c";

  test.each([
    ["in a session that is there", writes(C)],
    ["that begin the session", undefined],
  ])("none takes the other's away, whatever is answered last: %s", async (_what, before) => {
    for (const isReversed of [false, true]) {
      const jar = new Jar();
      if (before) jar.take(await visit({}, before));
      const brought = before ? jar.headers : {};
      const answers = [await visit(brought, writes(A)), await visit(brought, writes(B))];
      for (const answer of isReversed ? answers.reverse() : answers) jar.take(answer);
      const token = await jar.token();
      expect(token?.marks.map(({ id }) => id)).toEqual(expect.arrayContaining([A, B]));
      expect(token?.shared?.map(({ id }) => id)).toEqual(expect.arrayContaining([A, B, ...(before ? [C] : [])]));
    }
  });

  test("both are kept in one cookie by whoever reads next, though its answer should overlap another write's", async () => {
    for (const isReversed of [false, true]) {
      const jar = new Jar();
      for (const answer of [await visit({}, writes(A)), await visit({}, writes(B))]) jar.take(answer);
      const brought = jar.headers;
      const answers = [await visit(brought, sees(20n)), await visit(brought, writes(C))];
      for (const answer of isReversed ? answers.reverse() : answers) jar.take(answer);
      expect(jar.names).toHaveLength(3); // the two as one, the third write, and what was seen
      expect((await jar.token())?.shared?.map(({ id }) => id)).toEqual(expect.arrayContaining([A, B, C]));
    }
  });

  test("a session that was carried in the one cookie of older versions is gone on with", async () => {
    const jar = new Jar();
    const first = await visit({}, writes(A));
    const brought = { Cookie: `bw=${first.get("Breakwater-Session")}` };
    jar.take(await visit(brought, writes(B)));
    expect(await jar.token()).toMatchObject({ marks: [{ id: B }], shared: [{ id: A }, { id: B }] });
    const later = await visit({ Cookie: `${brought.Cookie}; bw-000000000000=x` }, writes(B));
    expect(
      later
        .getSetCookie()
        .filter((cookie) => cookie.includes("Max-Age=0"))
        .map((cookie) => cookie.split("=")[0]),
    ).toEqual(["bw", "bw-000000000000"]);
  });
});

/** A visit on its way: what it wrote, and which writes had been answered when it was sent. */
interface Sent {
  readonly id: string | undefined;
  readonly after: ReadonlySet<string>;
  readonly answer: Promise<Headers>;
}

describe("a browser with requests that overlap in any way", () => {
  const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

  test.each([1, 2, 3, 4])("and %i of them at a time keeps what each of its writes is owed", async (most) => {
    for (const seed of SEEDS) {
      const random = seeded(seed);
      const jar = new Jar();
      const answered = new Map<string, ReadonlySet<string>>();
      const flying: Sent[] = [];
      for (let step = 0; step < 40; step++) {
        if (flying.length < most && random() < 0.6) {
          const id = random() < 0.6 ? idAt(step) : undefined;
          const work = id ? writes(id) : sees(BigInt(step));
          flying.push({ id, after: new Set(answered.keys()), answer: visit(jar.headers, work) });
          continue;
        }
        const [sent] = flying.splice(Math.floor(random() * flying.length), 1);
        if (!sent) continue;
        jar.take(await sent.answer);
        if (sent.id) answered.set(sent.id, sent.after);
        const { marks = [], shared = [] } = (await jar.token()) ?? {};
        const isProven = (id: string) => marks.some((mark) => mark.id === id || answered.get(mark.id)?.has(id));
        const isOwed = (id: string) => shared.some((each) => each.id === id || each.id === "");
        const lacking = [...answered.keys()].filter((id) => !isProven(id) || !isOwed(id));
        expect([seed, step, lacking]).toEqual([seed, step, []]);
        expect(jar.names.length).toBeLessThanOrEqual(2 * most + 2);
        expect(jar.headers.Cookie?.length).toBeLessThan(4_096 * most);
      }
    }
  });
});

/** Who answers the requests under way: the oldest, all of them before the next are sent, or any. */
const ORDERS = ["oldest", "all", "any"] as const;

test.each(ORDERS)(
  "a browser with 100 writes under way sends no more than a server takes: %s first",
  async (order) => {
    const random = seeded(1);
    const jar = new Jar();
    const answered: string[] = [];
    const flying: { id: string; answer: Promise<Headers> }[] = [];
    let longest = 0;
    for (let step = 0; step < 250; step++) {
      while (flying.length < 100 && (order !== "all" || step % 100 === 0)) {
        const id = idAt(1_000 * step + flying.length);
        flying.push({ id, answer: visit(jar.headers, writes(id), random()) });
      }
      const [sent] = flying.splice(order === "any" ? Math.floor(random() * flying.length) : 0, 1);
      if (!sent) continue;
      jar.take(await sent.answer);
      answered.push(sent.id);
      longest = Math.max(longest, jar.headers.Cookie?.length ?? 0);
    }
    expect(longest).toBeLessThan(110_000); // the platform takes 128 KB of headers
    jar.take(await visit(jar.headers, sees(1n), 0));
    expect(jar.names).toHaveLength(2); // all that was written, and what was seen
    const { shared = [] } = (await jar.token()) ?? {};
    expect(answered.filter((id) => !shared.some((each) => each.id === id || each.id === ""))).toEqual([]);
  },
  60_000,
);

/** A mark's id, by when it was sent. */
function idAt(step: number): string {
  return `01999999-0000-7000-8000-${String(step).padStart(12, "0")}`;
}

function seeded(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

import { randomUUID } from "node:crypto";
import { FORMATS, GENRES } from "../../src/marketplace/lists.ts";
import { type Asked, ask } from "../ask.ts";

/** Share of the requests that write: half of those are new pitches, half tell that one was seen. */
const WRITE_SHARE = 0.1;

const PITCH = {
  title: "The Lighthouse Keeper's Clock",
  logline: "A clockmaker must find the sea before it is too late.",
  genre: "drama",
  format: "feature",
  stage: "script",
};

const KNOWN_PITCHES = 100;

/** No request may take longer: its own deadline is 3 s, the rest is the machine's. Bounds what is under way as well. */
const PATIENCE_MS = 5_000;

/** How one request ended; `trouble`: why it counts as failed. */
export interface Visit {
  readonly isWrite: boolean;
  readonly sentAt: number;
  readonly ms: number;
  readonly trouble?: string;
}

/** Visitors of a site: most browse and read, some write. Which does what is the chance's; both are of the seed. */
export async function visitorsOf(url: string, random: () => number): Promise<() => Promise<Visit>> {
  const token = await signUp(url);
  const { body } = await ask({ url: `${url}/api/pitches?limit=${KNOWN_PITCHES}` });
  const ids = (JSON.parse(body) as { items: { id: string }[] }).items.map(({ id }) => id);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const reads: readonly (() => string)[] = [
    () => "/api/pitches?limit=20",
    () => `/api/pitches?genre=${pick(GENRES)}&limit=20`,
    () => `/api/pitches?format=${pick(FORMATS)}&limit=20`,
    () => `/api/pitches/${pick(ids)}`,
    () => `/api/pitches/${pick(ids)}`,
  ];
  const writes: readonly (() => Omit<Asked, "url"> & { path: string })[] = [
    () => ({ path: "/api/pitches", body: PITCH, token }),
    () => ({ path: `/api/pitches/${pick(ids)}/views`, body: {}, token }),
  ];
  return async () => {
    const isWrite = random() < WRITE_SHARE;
    const { path, ...asked } = isWrite ? pick(writes)() : { path: pick(reads)() };
    const sentAt = performance.now();
    try {
      const { status, body: answer } = await ask({ url: `${url}${path}`, withinMs: PATIENCE_MS, ...asked });
      const visit = { isWrite, sentAt, ms: performance.now() - sentAt };
      return status < 300 ? visit : { ...visit, trouble: `${path}: ${status}: ${answer.slice(0, 200)}` };
    } catch (error) {
      return { isWrite, sentAt, ms: performance.now() - sentAt, trouble: `${path}: ${error}` };
    }
  };
}

async function signUp(url: string): Promise<string> {
  const account = { email: `${randomUUID()}@example.com`, password: "correct horse", name: "Test", role: "creator" };
  const { status, body } = await ask({ url: `${url}/api/auth/register`, body: account });
  if (status !== 201) throw new Error(`register answered ${status}: ${body}`);
  return (JSON.parse(body) as { token: string }).token;
}

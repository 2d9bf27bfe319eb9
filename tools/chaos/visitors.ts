import type { BedIsolate } from "../bed/startBed.ts";
import { VISITOR_PATIENCE_MS, WRITE_SHARE } from "./constants.ts";

/** How one request ended; `trouble`: why it counts as failed. */
export interface Visit {
  readonly isWrite: boolean;
  readonly trouble?: string;
}

const READS = [
  "/api/pitches?limit=5",
  "/api/pitches?genre=drama&limit=3",
  "/api/pitches?sort=popular&limit=5",
  "/api/pitches/search?q=star&limit=3",
] as const;

const PITCH = {
  title: "The Lighthouse Keeper's Clock",
  logline: "A clockmaker must find the sea before it is too late.",
  genre: "drama",
  format: "feature",
  stage: "script",
};

/** Visitors of all isolates: most read lists, some of them write pitches. Which does what is the chance's. */
export async function visitorsOf(isolates: readonly BedIsolate[], random: () => number): Promise<() => Promise<Visit>> {
  const [first] = isolates;
  if (!first) throw new Error("a bed without isolates has no visitors");
  const token = await signUp(first);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  return async () => {
    const isolate = pick(isolates);
    const isWrite = random() < WRITE_SHARE;
    const path = isWrite ? "/api/pitches" : pick(READS);
    const init = isWrite ? { ...post(PITCH), headers: headers(token) } : {};
    try {
      const response = await isolate.fetch(path, { ...init, signal: AbortSignal.timeout(VISITOR_PATIENCE_MS) });
      const text = await response.text();
      if (response.status === (isWrite ? 201 : 200)) return { isWrite };
      const route = response.headers.get("Breakwater-Route") ?? "no route";
      return { isWrite, trouble: `${isolate.name} ${path}: ${response.status} by ${route}: ${text.slice(0, 200)}` };
    } catch (error) {
      return { isWrite, trouble: `${isolate.name} ${path}: ${error}` };
    }
  };
}

async function signUp(isolate: BedIsolate): Promise<string> {
  const email = `${crypto.randomUUID()}@example.com`;
  const account = { email, password: "correct horse", name: "Test Person", role: "creator" };
  const response = await isolate.fetch("/api/auth/register", { ...post(account), headers: headers() });
  if (response.status !== 201) throw new Error(`register answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

function post(body: object): { method: string; body: string } {
  return { method: "POST", body: JSON.stringify(body) };
}

function headers(token?: string): Record<string, string> {
  return { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

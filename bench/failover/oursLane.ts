import { until } from "../../tools/cluster/processes.ts";
import { ask } from "../ask.ts";
import { type FailoverLane, WITHIN_MS } from "./lane.ts";

const PITCH = {
  title: "The Lighthouse Keeper's Clock",
  logline: "A clockmaker must find the sea before it is too late.",
  genre: "drama",
  format: "feature",
  stage: "script",
};

const SIGN_UP_WITHIN_MS = 20_000;

/** The Worker, as anybody who reads and as somebody signed in who writes. */
export async function oursLane(url: string, adminToken: string): Promise<FailoverLane> {
  const person = {
    email: `${crypto.randomUUID()}@bench.invalid`,
    password: "correct horse",
    name: "Bench",
    role: "creator",
  };
  let answer = await ask({ url: `${url}/api/auth/register`, body: person });
  const isSignedUp = async () => {
    // Nobody asked it since the primary became another under the peers: it may have to find that out first.
    if (answer.status !== 201) answer = await ask({ url: `${url}/api/auth/register`, body: person });
    return answer.status === 201;
  };
  if (!(await until(isSignedUp, SIGN_UP_WITHIN_MS))) throw new Error(`Nobody could be signed up: ${answer.body}`);
  const { token } = JSON.parse(answer.body) as { token: string };
  const must = async (expected: number, asked: Parameters<typeof ask>[0]) => {
    const answer = await ask({ ...asked, withinMs: WITHIN_MS });
    if (answer.status !== expected) throw new Error(`${answer.status}: ${answer.body}`);
  };
  return {
    read: () => must(200, { url: `${url}/api/pitches?limit=1` }),
    write: () => must(201, { url: `${url}/api/pitches`, body: PITCH, token }),
    isSettled: async () => {
      const { body } = await ask({ url: `${url}/admin/breaker`, token: adminToken });
      const { isolate } = JSON.parse(body) as { isolate: { state: string }[] };
      return isolate.every(({ state }) => state === "closed");
    },
    close: async () => {},
  };
}

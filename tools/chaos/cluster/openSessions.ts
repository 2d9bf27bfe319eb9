import type { Bed } from "../../bed/startBed.ts";
import { ask } from "./ask.ts";
import { VISITORS, WRITERS } from "./constants.ts";
import { titleOf } from "./register.ts";
import { Session } from "./session.ts";

/** The one account that owns all registers: its token. */
export async function signUp({ isolates: [isolate] }: Bed): Promise<string> {
  const account = {
    email: `${crypto.randomUUID()}@example.com`,
    password: "correct horse",
    name: "C",
    role: "creator",
  };
  if (!isolate) throw new Error("a bed without isolates");
  const asked = { method: "POST", path: "/api/auth/register", json: account, expected: [201] } as const;
  const { body, status } = await ask(isolate, asked, () => 0);
  if (status !== 201) throw new Error(`register answered ${status}`);
  return (body as { token: string }).token;
}

/** Half of them stay with one isolate, half move between all. */
export async function openSessions(bed: Bed, bearer: string): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let index = 0; index < WRITERS + VISITORS; index++) {
    const home = bed.isolates[index % bed.isolates.length];
    const isolates = index % 2 === 0 && home ? [home] : bed.isolates;
    const name = `session-${index + 1}`;
    if (index >= WRITERS || !home) {
      sessions.push(new Session(name, isolates));
      continue;
    }
    const key = `r${index + 1}`;
    const json = {
      title: titleOf({ key, value: 0 }),
      logline: "A register.",
      genre: "drama",
      format: "feature",
      stage: "script",
    };
    const { body, status } = await ask(
      home,
      { method: "POST", path: "/api/pitches", json, bearer, expected: [201] },
      () => 0,
    );
    if (status !== 201) throw new Error(`the register could not be made: ${status}`);
    sessions.push(new Session(name, isolates, { key, pitchId: (body as { id: string }).id }));
  }
  return sessions;
}

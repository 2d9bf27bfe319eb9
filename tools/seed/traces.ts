import type { NdaRequest } from "./agreements.ts";
import { AUDITED_FOR_MS } from "./constants.ts";
import type { Reset } from "./passwordResets.ts";
import type { Random } from "./random.ts";
import type { Session } from "./sessions.ts";
import { timedId } from "./timedId.ts";

/** A row of `audit_log`. */
export interface Trace {
  readonly id: string;
  readonly at: number;
  readonly actorId: string;
  readonly action: string;
  readonly subjectKind: "nda-request" | "account";
  readonly subjectId: string;
  readonly detail: string;
}

type Deed = Omit<Trace, "id">;

/** What is in the log of what was done: all that is young enough. */
export function makeTraces(deeds: readonly Deed[], random: Random, baseMs: number): readonly Trace[] {
  return deeds.flatMap((deed) => {
    if (deed.at < baseMs - AUDITED_FOR_MS) return [];
    return { ...deed, id: timedId(deed.at, random) };
  });
}

/** Requests for NDAs, and what became of them. */
export function ndaDeeds(requests: readonly NdaRequest[]): readonly Deed[] {
  return requests.flatMap(({ id: subjectId, pitchId, creatorId, requester, status, createdAt, decidedAt }): Deed[] => {
    const subject = { subjectKind: "nda-request", subjectId, detail: JSON.stringify({ pitchId }) } as const;
    const request = { at: createdAt, actorId: requester.id, action: "nda.request", ...subject };
    if (decidedAt === undefined || status === "pending") return [request];
    const actorId = status === "withdrawn" ? requester.id : creatorId;
    return [request, { at: decidedAt, actorId, action: DECISIONS[status], ...subject }];
  });
}

const DECISIONS = {
  approved: "nda.approve",
  declined: "nda.decline",
  withdrawn: "nda.withdraw",
} as const;

/** Logins and new passwords. */
export function accountDeeds(sessions: readonly Session[], resets: readonly Reset[]): readonly Deed[] {
  const deed = (action: string, userId: string, at: number): Deed => {
    return { at, actorId: userId, action, subjectKind: "account", subjectId: userId, detail: "{}" };
  };
  return [
    ...sessions.map(({ userId, createdAt }) => deed("account.login", userId, createdAt)),
    ...resets.flatMap(({ userId, usedAt }) => {
      return usedAt === undefined ? [] : deed("account.password-reset", userId, usedAt);
    }),
  ];
}

import { NDA_MS } from "../../src/marketplace/constants.ts";
import {
  ASKS_AGAIN_SHARE,
  ASKS_AGAIN_WITHIN_MS,
  DAY_MS,
  DECIDED_WITHIN_MS,
  NDA_REQUESTS_PER_PITCH,
  NDA_REVOKED_SHARE,
} from "./constants.ts";
import type { Crowd } from "./crowd.ts";
import { momentBetween } from "./moments.ts";
import type { Person } from "./people.ts";
import { NDA_MESSAGES } from "./phrases.ts";
import type { Pitch } from "./pitches.ts";
import { countFor } from "./popularity.ts";
import type { Random } from "./random.ts";
import { timedId } from "./timedId.ts";
import { weighted } from "./weighted.ts";

/** A row of `nda_requests`. */
export interface NdaRequest {
  readonly id: string;
  readonly pitchId: string;
  readonly creatorId: string;
  readonly requester: Person;
  readonly status: "pending" | "approved" | "declined" | "withdrawn";
  readonly message: string;
  readonly createdAt: number;
  readonly decidedAt: number | undefined;
}

/** A row of `ndas`. */
interface Nda {
  readonly id: string;
  readonly pitchId: string;
  readonly signer: Person;
  readonly requestId: string;
  readonly signedAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | undefined;
}

export interface Agreements {
  readonly requests: readonly NdaRequest[];
  readonly ndas: readonly Nda[];
}

const OUTCOMES = [
  ["approved", 0.6],
  ["declined", 0.25],
  ["withdrawn", 0.15],
] as const;

/** Who asked for an NDA for the pitch, what came of it, and the agreements there are. */
export function makeAgreements(pitch: Pitch, backers: Crowd, random: Random, baseMs: number): Agreements {
  const wanted = countFor(pitch, NDA_REQUESTS_PER_PITCH, random);
  const histories = backers.some(wanted, random).map((requester) => makeHistory(pitch, requester, random, baseMs));
  return {
    requests: histories.flatMap(({ requests }) => requests),
    ndas: histories.flatMap(({ ndas }) => ndas),
  };
}

/** One requester's: the next request comes after a refusal, or when the agreement has run out. */
function makeHistory(pitch: Pitch, requester: Person, random: Random, baseMs: number): Agreements {
  const requests: NdaRequest[] = [];
  const ndas: Nda[] = [];
  let askedAt = momentBetween(Math.max(pitch.createdAt, requester.createdAt), baseMs, random, 1.5);
  while (askedAt < baseMs) {
    const request = makeRequest(pitch, requester, askedAt, random, baseMs);
    requests.push(request);
    const { status, decidedAt } = request;
    if (decidedAt === undefined) break;
    if (status === "approved") {
      // A new agreement takes the place of the one that ran out.
      const before = ndas.pop();
      if (before) ndas.push({ ...before, revokedAt: decidedAt });
      ndas.push(makeNda(request, decidedAt, random, baseMs));
    }
    const standing = ndas.at(-1);
    if (standing?.revokedAt !== undefined || random.next() >= ASKS_AGAIN_SHARE) break;
    const since = Math.max(decidedAt, standing?.expiresAt ?? 0);
    askedAt = since + Math.ceil(ASKS_AGAIN_WITHIN_MS * random.next());
  }
  return { requests, ndas };
}

function makeRequest(pitch: Pitch, requester: Person, createdAt: number, random: Random, baseMs: number): NdaRequest {
  const id = timedId(createdAt, random);
  const outcome = weighted(OUTCOMES, random);
  const decidedAt = createdAt + Math.floor(Math.min(DECIDED_WITHIN_MS, 0.5 * DAY_MS * random.pareto(0.9)));
  const isOpen = decidedAt >= baseMs;
  return {
    id,
    pitchId: pitch.id,
    creatorId: pitch.userId,
    requester,
    status: isOpen ? "pending" : outcome,
    message: random.pick(NDA_MESSAGES),
    createdAt,
    decidedAt: isOpen ? undefined : decidedAt,
  };
}

function makeNda(request: NdaRequest, signedAt: number, random: Random, baseMs: number): Nda {
  const expiresAt = signedAt + NDA_MS;
  const isRevoked = random.next() < NDA_REVOKED_SHARE;
  const revokedAt = momentBetween(signedAt + 1, Math.min(baseMs, expiresAt), random);
  return {
    id: timedId(signedAt, random),
    pitchId: request.pitchId,
    signer: request.requester,
    requestId: request.id,
    signedAt,
    expiresAt,
    revokedAt: isRevoked ? revokedAt : undefined,
  };
}

import type { Agreements } from "./agreements.ts";
import {
  DAY_MS,
  HOUR_MS,
  MESSAGES_TAIL,
  MOST_MESSAGES,
  WRITES_AFTER_AMOUNT_SHARE,
  WRITES_AFTER_NDA_SHARE,
} from "./constants.ts";
import type { Investment } from "./investments.ts";
import type { Person } from "./people.ts";
import { OPENINGS, REPLIES } from "./phrases.ts";
import type { Pitch } from "./pitches.ts";
import type { Random } from "./random.ts";
import { timedId } from "./timedId.ts";

/** A row of `messages`. */
interface Message {
  readonly id: string;
  readonly conversationId: string;
  readonly senderId: string;
  readonly receiverId: string;
  readonly body: string;
  readonly createdAt: number;
  /** The receiver has it before their eyes still. */
  readonly isUnread: boolean;
}

/** A row of `conversations`, its two of `conversation_participants`, and its messages. */
export interface Thread {
  readonly id: string;
  readonly pitchId: string | undefined;
  readonly people: readonly [string, string];
  readonly messages: readonly Message[];
  readonly createdAt: number;
  readonly lastMessageAt: number;
}

/** Who writes to whom, from when on. */
interface Occasion {
  readonly writerId: string;
  readonly readerId: string;
  readonly pitchId?: string;
  readonly sinceMs: number;
}

/** Threads about a pitch: with its creator, begun by those whom an agreement or an amount has made an occasion. */
export function makePitchThreads(
  pitch: Pitch,
  { ndas }: Agreements,
  investments: readonly Investment[],
  random: Random,
  baseMs: number,
): readonly Thread[] {
  const since = new Map<Person, number>();
  for (const { signer, signedAt } of ndas) {
    if (!since.has(signer) && random.next() < WRITES_AFTER_NDA_SHARE) since.set(signer, signedAt);
  }
  for (const { investor, createdAt } of investments) {
    if (!since.has(investor) && random.next() < WRITES_AFTER_AMOUNT_SHARE) since.set(investor, createdAt);
  }
  return [...since].flatMap(([writer, sinceMs]) => {
    const occasion = { writerId: writer.id, readerId: pitch.userId, pitchId: pitch.id, sinceMs };
    return makeThread(occasion, random, baseMs) ?? [];
  });
}

/** A thread that an occasion leads to within days; none if that would be in the future. */
export function makeThread(occasion: Occasion, random: Random, baseMs: number): Thread | undefined {
  const moments = momentsOf(occasion.sinceMs, random, baseMs);
  const [createdAt] = moments;
  const lastMessageAt = moments.at(-1);
  if (createdAt === undefined || lastMessageAt === undefined) return undefined;
  const id = timedId(createdAt, random);
  const people = [occasion.writerId, occasion.readerId] as const;
  const senders = moments.map((_, index) => (index === 0 || random.next() < 0.45 ? 0 : 1));
  const unread = unreadOf(senders, baseMs - lastMessageAt, random);
  const messages = moments.map((at, index): Message => {
    const sender = senders[index] ?? 0;
    return {
      id: timedId(at, random),
      conversationId: id,
      senderId: people[sender],
      receiverId: people[sender === 0 ? 1 : 0],
      body: random.pick(index === 0 ? OPENINGS : REPLIES),
      createdAt: at,
      isUnread: index >= moments.length - unread,
    };
  });
  return { id, pitchId: occasion.pitchId, people, messages, createdAt, lastMessageAt };
}

/** When somebody writes: within hours or days of each other, as long as it is the past. */
function momentsOf(sinceMs: number, random: Random, baseMs: number): readonly number[] {
  const wanted = Math.min(MOST_MESSAGES, Math.floor(random.pareto(MESSAGES_TAIL)));
  const moments: number[] = [];
  let at = sinceMs + Math.ceil(3 * DAY_MS * random.next());
  while (moments.length < wanted && at < baseMs) {
    moments.push(at);
    at += Math.ceil(Math.min(30 * DAY_MS, 2 * HOUR_MS * random.pareto(0.8)));
  }
  return moments;
}

/** How many of the last messages are unread: none before one's own last, and hardly any after a fortnight. */
function unreadOf(senders: readonly number[], ageMs: number, random: Random): number {
  const last = senders.at(-1);
  const inARow = senders.length - 1 - senders.findLastIndex((sender) => sender !== last);
  const isRead = random.next() < (ageMs < 14 * DAY_MS ? 0.5 : 0.97);
  return isRead ? 0 : 1 + random.below(inARow);
}

import fc from "fast-check";
import type { KnownAccount } from "./accounts.ts";
import type { Operation } from "./apiOperations.ts";
import { buildRequest } from "./buildRequest.ts";
import { PLANS_AT_ONCE } from "./constants.ts";
import { harvest } from "./harvest.ts";
import type { Complaint, Judge, Verdict } from "./judge.ts";
import { answerKind } from "./kindOf.ts";
import { Memory, type Picked, type Things } from "./memory.ts";
import { ASKERS, type Asker, type Plan } from "./plan.ts";
import { type RawRequest, type RequestParts, rawRequest } from "./rawRequest.ts";
import type { RawAnswer, Send } from "./send.ts";
import { simplify } from "./simplify.ts";

/** One input that was answered wrongly, made as simple as it could be. */
export interface Finding extends Complaint {
  readonly operationId: string;
  readonly lane: number;
  /** Which input of the lane, from 0. */
  readonly input: number;
  readonly asker: Asker;
  readonly twist: string;
  readonly picked: readonly Picked[];
  readonly request: RawRequest;
  /** Undefined: there was none. */
  readonly answer: RawAnswer | undefined;
}

export interface LaneOptions {
  readonly lane: number;
  readonly seed: number;
  readonly inputs: number;
  readonly plans: fc.Arbitrary<Plan>;
  readonly origin: string;
  readonly send: Send;
  readonly judge: Judge;
  readonly accounts: LaneAccounts;
  readonly victims: Things;
  readonly signal: AbortSignal;
  /** Lets milliseconds pass, or fewer when the signal says so. */
  readonly wait: (ms: number) => Promise<unknown>;
  /** Told of every input once it is answered; `status` 0: it was not. */
  readonly onAnswer: (operation: Operation, status: number, verdict: Verdict) => void;
  readonly onFinding: (finding: Finding) => void;
  /** Whether the complaint is new: only then is it worth to look for a simpler request. */
  readonly isNew: (operationId: string, complaint: Complaint) => boolean;
}

/** The lane's own accounts. */
export interface LaneAccounts {
  /** Undefined for who has none. */
  of(asker: Asker): KnownAccount | undefined;
  /** What sets a new password of theirs, once. */
  resetTokenOf(asker: Asker): string | undefined;
  /** What was never given out. */
  readonly strangersToken: string;
  /** A new session, or a new account, for who lost theirs. */
  renew(asker: Asker): Promise<void>;
}

/** Sends its share of the inputs, one after the other: what it learns from one answer goes into the next request. */
export async function runLane(options: LaneOptions): Promise<void> {
  const { lane, seed, inputs, plans, accounts, victims, signal } = options;
  const memory = new Memory(victims);
  for (const asker of ASKERS) remember(memory, asker, accounts);
  for (let done = 0; done < inputs; done += PLANS_AT_ONCE) {
    const numRuns = Math.min(PLANS_AT_ONCE, inputs - done);
    const batch = fc.sample(plans, { numRuns, seed: mixed(seed, lane, done) });
    for (const [index, plan] of batch.entries()) {
      if (signal.aborted) return;
      await runPlan(plan, done + index, memory, options);
    }
  }
}

async function runPlan(plan: Plan, input: number, memory: Memory, options: LaneOptions): Promise<void> {
  const { accounts, origin, send, judge, onAnswer, onFinding, isNew, signal, wait } = options;
  const { operation, asker } = plan;
  const account = accounts.of(asker);
  const token = asker === "stranger" ? accounts.strangersToken : account?.token;
  const { parts, picked } = buildRequest(plan, memory, token, origin);
  const ask = async (asked: RequestParts): Promise<{ answer: RawAnswer | undefined; verdict: Verdict }> => {
    const request = rawRequest(asked);
    try {
      const answer = await send(request);
      return { answer, verdict: judge(request, answer, account?.id) };
    } catch (error) {
      const sentence = `no answer: ${error instanceof Error ? error.message : error}`;
      return { answer: undefined, verdict: { complaints: [{ kind: "serverErrors", sentence }], excuse: undefined } };
    }
  };

  const { answer, verdict } = await ask(parts);
  if (signal.aborted) return; // the system may be stopping under it
  onAnswer(operation, answer?.status ?? 0, verdict);
  for (const complaint of verdict.complaints) {
    if (!isNew(operation.id, complaint)) continue;
    const hasIt = async (simpler: RequestParts) => {
      const { complaints } = (await ask(simpler)).verdict;
      return complaints.some(({ kind, sentence }) => kind === complaint.kind && sentence === complaint.sentence);
    };
    const simplest = await simplify(parts, hasIt);
    onFinding({
      ...complaint,
      operationId: operation.id,
      lane: options.lane,
      input,
      asker,
      twist: plan.twist ? JSON.stringify(plan.twist).slice(0, 200) : "none",
      picked,
      request: rawRequest(simplest),
      answer,
    });
  }
  // As a client should: to go on at once would find out nothing more.
  if (verdict.excuse) await wait(1_000 * Number(answer?.headers.get("Retry-After") ?? 1));
  if (answer) await learn({ plan, parts, picked, answer, memory, accounts });
}

async function learn({
  plan,
  parts,
  picked,
  answer,
  memory,
  accounts,
}: {
  plan: Plan;
  parts: RequestParts;
  picked: readonly Picked[];
  answer: RawAnswer;
  memory: Memory;
  accounts: LaneAccounts;
}): Promise<void> {
  const { operation, asker } = plan;
  const { status, text } = answer;
  const isSuccess = status >= 200 && status < 300;
  // Forbidden, or a conflict: the thing exists, and is of the right kind.
  memory.learn(picked, isSuccess ? 1 : status === 403 || status === 409 ? 0.5 : 0);
  if (status === 401 && accounts.of(asker) && text.includes("/problems/unauthenticated")) {
    await accounts.renew(asker);
    remember(memory, asker, accounts);
  }
  if (!isSuccess || text === "" || parts.method === "HEAD") return;
  const body: unknown = parsed(text);
  // What was just made, or what only who is signed in is shown, is theirs.
  const owner = status === 201 || operation.access === "signed-in" ? asker : undefined;
  harvest(memory, body, answerKind(operation.method, operation.template), owner);
  const cursor = typeof body === "object" && body !== null && "nextCursor" in body ? body.nextCursor : undefined;
  if (typeof cursor === "string") {
    const query = parts.query.filter((pair) => !pair.startsWith("cursor="));
    memory.addPage({ operationId: operation.id, query, cursor });
  }
}

function remember(memory: Memory, asker: Asker, accounts: LaneAccounts): void {
  const account = accounts.of(asker);
  if (!account) return;
  memory.add("user", account.id, asker);
  memory.add("email", account.email, asker);
  memory.add("token", accounts.resetTokenOf(asker) ?? accounts.strangersToken, asker);
}

/** One seed of several numbers, 32 bits. */
function mixed(...numbers: readonly number[]): number {
  return numbers.reduce((hash, each) => Math.imul(hash ^ each, 0x9e3779b1) ^ (hash >>> 15), 0x811c9dc5) | 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

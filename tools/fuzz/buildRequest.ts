import type { Operation } from "./apiOperations.ts";
import { applyTwist } from "./applyTwist.ts";
import { kindOf, parameterKind } from "./kindOf.ts";
import type { Memory, Picked } from "./memory.ts";
import { type Drafted, Pick, type Plan } from "./plan.ts";
import type { RequestParts } from "./rawRequest.ts";

/** A request, and what was picked for it. */
export interface BuiltRequest {
  readonly parts: RequestParts;
  readonly picked: readonly Picked[];
}

const NO_ID = "0198c0de-0000-7000-8000-0000000000ff";

/** Makes a plan a request, with what the lane knows by now. `token`: the session of whoever asks. */
export function buildRequest(plan: Plan, memory: Memory, token: string | undefined, origin: string): BuiltRequest {
  const { operation, twist } = plan;
  const picked: Picked[] = [];
  const fill = (drafted: Drafted, slot: string, name: string): unknown => {
    if (drafted instanceof Pick) {
      const found = memory.pick(slot, name, plan.asker, drafted.at);
      if (found) picked.push(found);
      return found?.value ?? NO_ID;
    }
    if (Array.isArray(drafted)) return drafted.map((each) => fill(each, slot, name));
    if (typeof drafted !== "object" || drafted === null) return drafted;
    return Object.fromEntries(
      Object.entries(drafted).map(([key, each]) => [key, fill(each, `${slot}.${key}`, kindOf(key))]),
    );
  };
  const param = (name: string) =>
    encoded(fill(plan.params[name], `${operation.id}.${name}`, parameterKind(operation.template, name)));
  const json = operation.body ? fill(plan.body, operation.id, "") : undefined;
  const parts: RequestParts = {
    method: operation.method,
    segments: operation.template
      .slice(1)
      .split("/")
      .map((segment) => (segment.startsWith("{") ? param(segment.slice(1, -1)) : segment)),
    suffix: "",
    query: queryOf(plan, operation, memory, fill),
    headers: [
      ...credentialHeaders(plan, token, origin),
      ...(json === undefined ? [] : [["Content-Type", "application/json"] as const]),
      ...(plan.idempotencyKey === undefined ? [] : [["Idempotency-Key", plan.idempotencyKey] as const]),
    ],
    json,
    bytes: undefined,
  };
  return { parts: twist ? applyTwist(parts, twist) : parts, picked };
}

function queryOf(
  { query, follows }: Plan,
  operation: Operation,
  memory: Memory,
  fill: (drafted: Drafted, slot: string, name: string) => unknown,
): string[] {
  const page = follows && memory.pageOf(operation.id, follows.at);
  if (page) return [...page.query, `cursor=${encoded(page.cursor)}`];
  return Object.entries(query)
    .filter(([, drafted]) => drafted !== undefined)
    .map(([name, drafted]) => `${name}=${encoded(fill(drafted, `${operation.id}.${name}`, kindOf(name)))}`);
}

function credentialHeaders({ credential }: Plan, token: string | undefined, origin: string) {
  if (token === undefined) return [];
  if (credential === "bearer") return [["Authorization", `Bearer ${token}`] as const];
  const from = credential === "cookie" ? origin : "https://evil.example";
  return [["Cookie", `session=${token}`] as const, ["Origin", from] as const];
}

function encoded(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed());
}

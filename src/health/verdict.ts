import { isAsleep } from "../database/nodeEvidence.ts";
import { EVIDENCE_MAX_AGE_MS } from "./constants.ts";
import { answersNow, isLagging, isOpen, isWell, knownAgeMs, type NodeHealth, sleepsWell } from "./nodeHealth.ts";
import { seconds } from "./seconds.ts";

export type HealthStatus = "healthy" | "degraded" | "unhealthy" | "unknown";

export interface Verdict {
  readonly status: HealthStatus;
  /** Whether the database answers, or, where that is unknown, whether it last did. */
  readonly database: boolean;
  readonly ready: boolean;
  /** Age of the newest evidence, in milliseconds; undefined: nothing was seen yet. */
  readonly ageMs: number | undefined;
  readonly notes: readonly string[];
}

/**
 * The table of DESIGN §2 as a function: what the evidence allows to say, and no more. `runwayMs` is how long cached
 * copies can answer without the database. Notes are made of nodes' names and ages alone, never of anybody's message.
 */
export function verdict(nodes: readonly NodeHealth[], runwayMs: number, now: number): Verdict {
  const known = nodes.filter((node) => knownAgeMs(node, now) !== undefined);
  if (known.length === 0) return unknown(false, undefined, ["nothing seen yet"]);
  const ageMs = Math.min(...known.map((node) => ageOf(node, now)));
  if (ageMs > EVIDENCE_MAX_AGE_MS) return withoutNews(known, ageMs, now);

  const current = known.filter((node) => ageOf(node, now) <= EVIDENCE_MAX_AGE_MS);
  const open = current.filter(isOpen);
  const lagging = current.filter((node) => !isOpen(node) && isLagging(node));
  const notes = nodes.flatMap((node) => {
    if (open.includes(node)) return [openNote(node, now)];
    return [...(current.includes(node) ? stateNote(node) : []), ...(lagging.includes(node) ? [lagNote(node)] : [])];
  });
  if (open.length === nodes.length) {
    const status = runwayMs > 0 ? "degraded" : "unhealthy";
    const runway = runwayMs > 0 ? `hot answers last ${seconds(runwayMs)} without it` : "no hot answer is left to give";
    return { status, database: false, ready: runwayMs > 0, ageMs, notes: [...notes, runway] };
  }
  const answering = current.filter((node) => !isOpen(node) && answersNow(node, now));
  const couldAnswer = known.some((node) => !isOpen(node) && sleepsWell(node, now));
  const isReturning = current.some(({ state }) => state === "half-open");
  if ((open.length > 0 || lagging.length > 0 || isReturning) && (answering.length > 0 || couldAnswer)) {
    return { status: "degraded", database: true, ready: true, ageMs, notes };
  }
  if (answering.length === 0) return unknown(lastKnown(known), ageMs, [...notes, "no node answered lately"]);
  const successMs = Math.max(0, now - Math.max(...answering.map(({ evidence }) => evidence.lastSuccessAt ?? 0)));
  const healthyNotes = [`evidence ${seconds(successMs)} old`, ...notes];
  return { status: "healthy", database: true, ready: true, ageMs: successMs, notes: healthyNotes };
}

/** What is said where there is no configuration to work with. `ConfigError` names variables, never a secret's value. */
export function misconfigured(trouble: unknown): Verdict {
  const isOurs = trouble instanceof Error && trouble.name === "ConfigError";
  return unknown(false, undefined, [isOurs ? trouble.message : "not configured"]);
}

function withoutNews(known: readonly NodeHealth[], ageMs: number, now: number): Verdict {
  if (known.every((node) => isAsleep(node, node.evidence, now)) && lastKnown(known)) {
    return { status: "healthy", database: true, ready: true, ageMs, notes: ["asleep"] };
  }
  return unknown(lastKnown(known), ageMs, [`last evidence ${seconds(ageMs)} old`]);
}

/** `ready` stays where there was evidence once: nothing says that the database is gone. */
function unknown(database: boolean, ageMs: number | undefined, notes: readonly string[]): Verdict {
  return { status: "unknown", database, ready: ageMs !== undefined, ageMs, notes };
}

/** Whether the newest evidence of any node that may be asked is that it answered. */
function lastKnown(known: readonly NodeHealth[]): boolean {
  return known.some((node) => node.state !== "forced-open" && isWell(node.evidence));
}

function ageOf(node: NodeHealth, now: number): number {
  return knownAgeMs(node, now) ?? Number.POSITIVE_INFINITY;
}

function openNote({ name, evidence, state }: NodeHealth, now: number): string {
  if (state === "forced-open") return `${name} is held open by order`;
  if (evidence.misconfigured) return `${name} refuses our credentials or database name`;
  if (evidence.lastFailureAt === undefined) return `${name} is open`;
  return `${name} is open, its last failure ${seconds(now - evidence.lastFailureAt)} ago`;
}

/** What a node's breaker does besides letting all requests through; said, and no reason to call it unwell. */
function stateNote({ name, state, would }: NodeHealth): string[] {
  if (state === "forced-closed") return [`${name} is held closed by order`];
  if (state === "shadow" && would !== undefined && would !== "closed")
    return [`${name} would be ${would}, were it not shadowed`];
  if (state === "half-open") return [`${name} answered again`];
  return state === "ramping" ? [`${name} takes requests little by little`] : [];
}

function lagNote({ name, behindMs = 0 }: NodeHealth): string {
  return `${name} is ${seconds(behindMs)} behind`;
}

import { EVIDENCE_MAX_AGE_MS, EVIDENCE_WARN_AGE_MS } from "./constants.ts";
import { type CheckStatus, type HealthCheck, healthCheck } from "./healthCheck.ts";
import { isLagging, isOpen, knownAgeMs, type NodeHealth, sleepsWell } from "./nodeHealth.ts";
import { seconds } from "./seconds.ts";

type Said = readonly [CheckStatus, string?];

/** Each node by itself: `pass` on a young answer alone, `warn` while it grows old, `fail` beyond what proves anything. */
export function nodeChecks(nodes: readonly NodeHealth[], now: number): readonly HealthCheck[] {
  return nodes.map((node) => {
    const [status, output] = said(node, now);
    const { name, state, evidence } = node;
    const answeredAt = evidence.lastSuccessAt;
    const ageMs = answeredAt === undefined ? knownAgeMs(node, now) : Math.max(0, now - answeredAt);
    const shown = couldAnswer(node, now) ? "asleep" : state;
    return healthCheck({ componentId: name, componentType: "datastore", status, ageMs, output, state: shown }, now);
  });
}

function said(node: NodeHealth, now: number): Said {
  const { evidence, state, would, behindMs = 0 } = node;
  const ageMs = knownAgeMs(node, now);
  if (state === "forced-open") return ["fail", "held open by order"];
  if (ageMs === undefined) return ["warn", "nothing seen yet"];
  if (couldAnswer(node, now)) return ["pass"];
  if (ageMs > EVIDENCE_MAX_AGE_MS) return ["fail", `last evidence ${seconds(ageMs)} old`];
  if (evidence.misconfigured) return ["fail", "refuses our credentials or database name"];
  if (isOpen(node)) return ["fail", "open: it does not answer"];
  if (evidence.lastSuccessAt === undefined) return ["warn", "has not answered yet"];
  const answerMs = now - evidence.lastSuccessAt;
  if (answerMs > EVIDENCE_MAX_AGE_MS) return ["fail", `last answer ${seconds(answerMs)} old`];
  if (evidence.failuresInARow > 0) return ["warn", `failed since it answered, ${seconds(answerMs)} ago`];
  if (isLagging(node)) return ["warn", `${seconds(behindMs)} behind`];
  if (state === "half-open" || state === "ramping") return ["warn", "on its way back"];
  if (state === "forced-closed") return ["warn", "held closed by order"];
  if (state === "shadow" && would !== undefined && would !== "closed") return ["warn", `would be ${would}`];
  return answerMs > EVIDENCE_WARN_AGE_MS ? ["warn", `last answer ${seconds(answerMs)} old`] : ["pass"];
}

/** It sleeps, and nothing is known against it: then its age is no news. */
function couldAnswer(node: NodeHealth, now: number): boolean {
  return sleepsWell(node, now) && !isOpen(node);
}

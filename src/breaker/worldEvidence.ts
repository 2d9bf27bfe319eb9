import type { BreakerDigest } from "../rpc/digest.ts";
import type { Outcomes, Standing } from "../rpc/report.ts";
import { WINDOW_MS } from "./constants.ts";
import type { ReporterWord } from "./nodeRow.ts";
import type { Counts } from "./outcomeWindow.ts";
import { evidentOf, type Phase } from "./phase.ts";
import { hasTripped } from "./reporterWords.ts";
import type { WorldNode } from "./worldNode.ts";

type Calm = BreakerDigest["calm"][number];
type Told = Pick<BreakerDigest["reports"][number], "id" | "colo" | "outcomes">;

/** Many isolates that are content with the node, added up. */
export function hearCalm(node: WorldNode, calm: Calm, now: number): void {
  node.window.addAll({ ok: calm.ok, excluded: calm.excluded, failed: 0, slow: 0 }, now);
  node.see({ ...at("successAt", calm.successAgeMs, now), ...at("queryAt", calm.queryAgeMs, now) });
  const content = { failingAt: 0, failedRun: 0, slowRun: 0, tripped: false };
  for (const [index, id] of calm.reporters.entries()) {
    node.hear(id, { colo: calm.colos?.[index] ?? "", askedAt: now, ...content }, now);
  }
}

/**
 * One isolate's report, as far as it is about this node. `word`: what the isolate thinks of it. False where it tells of
 * trouble in another epoch, which decides nothing.
 */
export function hearReport(node: WorldNode, { id, colo = "", outcomes }: Told, word: Standing, now: number): boolean {
  node.see({
    ...at("successAt", word.successAgeMs, now),
    ...at("failureAt", word.failureAgeMs, now),
    ...at("queryAt", word.queryAgeMs, now),
  });
  const told = outcomes.filter((each) => each.node === node.name);
  const isCurrent = isOfPhase(word.epoch, word, node.phase, now);
  const counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };
  for (const each of told) add(counts, each, isCurrent && isOfPhase(each.epoch, word, node.phase, now));
  node.window.addAll(counts, now);
  // From when it last failed, not from when that was told: a report may have waited for its Collector.
  const failedAt = now - (word.failureAgeMs ?? 0);
  if (failedAt > (node.successAt ?? 0)) node.badSince += counts.failed + counts.slow;
  const isTroubled = isCurrent && hasTripped(word);
  const isOfNow = isCurrent || (!hasTripped(word) && !told.some(hasFailed));
  if (!isTroubled && !told.some(hasAsked)) return isOfNow;
  const own = isCurrent ? { ...ownWord(word), ...sinceAnswered(node, node.reporter(id), counts, word, now) } : {};
  const failing = isTroubled || counts.failed + counts.slow > 0 ? { failingAt: failedAt } : {};
  node.hear(id, { colo, askedAt: now, ...own, ...failing }, now);
  return isOfNow;
}

/**
 * Evidence from before the last transition says nothing about now, and must not undo it. An isolate that has not heard
 * of that transition is believed where it is older than all that the evidence can be made of.
 */
function isOfPhase(epoch: number, { failureAgeMs }: Standing, phase: Phase, now: number): boolean {
  if (epoch === phase.epoch) return true;
  const { since } = evidentOf(phase) ?? phase;
  return now - since >= WINDOW_MS && failureAgeMs !== null && failureAgeMs < WINDOW_MS;
}

function ownWord({ failedRun, slowRun, tripped }: Standing) {
  return { failedRun, slowRun, tripped };
}

/**
 * What the reporter adds to the world's runs: what failed in a row for itself, unless the node answered anybody since.
 * Two things at one time say nothing of their order: then it did.
 */
function sinceAnswered(node: WorldNode, before: ReporterWord, { failed, slow }: Counts, word: Standing, now: number) {
  const failedAt = now - (word.failureAgeMs ?? 0);
  if (node.successAt !== null && failedAt <= node.successAt) return { failedAt, failedSince: 0, slowSince: 0 };
  return {
    failedAt,
    failedSince: Math.min(word.failedRun, before.failedSince + failed),
    slowSince: Math.min(word.slowRun, before.slowSince + slow),
  };
}

function add(counts: Counts, { ok, failed, slow, excluded }: Outcomes, isCurrent: boolean): void {
  counts.excluded += excluded + (isCurrent ? 0 : ok + failed + slow);
  if (!isCurrent) return;
  counts.ok += ok;
  counts.failed += failed;
  counts.slow += slow;
}

function hasAsked({ ok, failed, slow, excluded }: Outcomes): boolean {
  return ok + failed + slow + excluded > 0;
}

function hasFailed({ failed, slow }: Outcomes): boolean {
  return failed + slow > 0;
}

function at<K extends string>(key: K, ageMs: number | null, now: number): { [P in K]?: number } {
  return (ageMs === null ? {} : { [key]: now - ageMs }) as { [P in K]?: number };
}

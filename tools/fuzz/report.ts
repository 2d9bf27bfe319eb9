import { MAX_SHOWN } from "./constants.ts";
import { curl } from "./curl.ts";
import type { Finding } from "./lane.ts";

const MAX_BODY_SHOWN = 600;

/** What was found, for people: what is wrong, and how to see it again. Empty: nothing. */
export function report(
  { findings, tampered }: { findings: readonly Finding[]; tampered: readonly string[] },
  origin: string,
): string {
  const shown = findings.slice(0, MAX_SHOWN).map((finding) => described(finding, origin));
  if (findings.length > shown.length) shown.push(`… and ${findings.length - shown.length} more sorts`);
  const changed = tampered.slice(0, MAX_SHOWN).map((sentence) => `somebody changed a victim's row: ${sentence}`);
  return [...shown, ...changed].join("\n\n");
}

function described(finding: Finding, origin: string): string {
  const { kind, operationId, sentence, asker, lane, input, twist, picked, request, answer } = finding;
  const ids = picked.map(({ value, kind: what }) => `${value} (${what})`).join(", ");
  const lines = [
    `${kind} · ${operationId}: ${sentence}`,
    `  as ${asker}, input ${input} of lane ${lane}, twist ${twist}`,
    ...(ids === "" ? [] : [`  picked ${ids}`]),
    `  ${curl(origin, request)}`,
    ...(answer ? [`  ${answer.status} ${answer.text.slice(0, MAX_BODY_SHOWN)}`] : []),
  ];
  return lines.join("\n");
}

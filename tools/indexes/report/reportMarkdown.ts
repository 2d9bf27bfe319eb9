import type { ComparedQuery, Comparison } from "./compare.ts";
import { amountText, circumstances, indexChanges, ratioText, summary, verdictText } from "./reportWords.ts";

/** The comparison as Markdown, for a pull request or a chat. */
export function reportMarkdown(comparison: Comparison): string {
  const { before, after, queries, left } = comparison;
  const { added, gone } = indexChanges(comparison);
  const writes = queries.filter(({ kind }) => kind === "write");
  const parts = [
    `# Indexes: ${before.label} and ${after.label}`,
    summary(comparison).join("\n"),
    list([circumstances(before), circumstances(after)]),
    "## Queries",
    table(
      ["query", "parameters", "buffers", "p50 ms", "p95 ms", "p50 after ÷ before", "verdict"],
      queries.map((query) => [
        query.name,
        query.sample,
        pair(query, ({ buffers }) => buffers),
        pair(query, ({ p50Ms }) => p50Ms),
        pair(query, ({ p95Ms }) => p95Ms),
        ratioText(query.p50),
        verdictText(query),
      ]),
    ),
    writes.length === 0 ? "Writes were not measured (`indexes bench --writes`, on a branch)." : "## Write cost",
    writes.length === 0
      ? ""
      : table(
          ["query", "parameters", "WAL bytes", "buffers"],
          writes.map((query) => [
            query.name,
            query.sample,
            pair(query, ({ walBytes }) => walBytes),
            pair(query, ({ buffers }) => buffers),
          ]),
        ),
    added.length + gone.length === 0 ? "Both have the same indexes." : "## Indexes",
    list([...added.map((text) => `added: \`${text}\``), ...gone.map((text) => `gone: \`${text}\``)]),
    left.length === 0 ? "" : "## Without numbers",
    list(left.map(({ name, sample, reason }) => `${name} (${sample}): ${reason}`)),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function pair(query: ComparedQuery, value: (numbers: ComparedQuery["before"]) => number): string {
  return `${amountText(value(query.before))} → ${amountText(value(query.after))}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

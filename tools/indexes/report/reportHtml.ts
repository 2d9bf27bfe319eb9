import type { ComparedQuery, Comparison } from "./compare.ts";
import { CONFIDENCE } from "./constants.ts";
import { escapeMarkup as text } from "./escapeMarkup.ts";
import { latencyPlot, pairPlot } from "./plots.ts";
import { amountText, circumstances, indexChanges, ratioText, summary, verdictText } from "./reportWords.ts";

const STYLE = `:root{color-scheme:light dark;--ink:#1c1f23;--dim:#6a7078;--line:#d8dce1;--page:#fff;--good:#1a7f5a;--bad:#b4341f;--old:#9aa3ad;--new:#2b62b8}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ea;--dim:#9aa1a9;--line:#3a4048;--page:#16191d;--good:#4cc38a;--bad:#f0836f;--old:#6b747e;--new:#7aa7f0}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);margin:2rem auto;max-width:1080px;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;width:100%}th,td{padding:.3rem .5rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.dim,.tick{color:var(--dim);fill:var(--dim)}code{font-size:12px}
svg{width:100%;height:auto;font-size:12px}.label{fill:var(--ink)}.grid{stroke:var(--line)}.one{stroke:var(--dim)}
.faster{stroke:var(--good);fill:var(--good);stroke-width:2}.slower{stroke:var(--bad);fill:var(--bad);stroke-width:2}.undecided{stroke:var(--old);fill:var(--old);stroke-width:2}
rect.before{fill:var(--old)}rect.after{fill:var(--new)}`;

/** The comparison as one HTML file that needs nothing else: plots are SVG in it, no script, no address. */
export function reportHtml(comparison: Comparison): string {
  const { before, after, queries, left } = comparison;
  const claimed = queries.filter(({ noClaim }) => noClaim === undefined);
  const writes = queries.filter(({ kind }) => kind === "write");
  const title = `Indexes: ${before.label} and ${after.label}`;
  const { added, gone } = indexChanges(comparison);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title><style>${STYLE}</style></head><body>
<h1>${text(title)}</h1>
${summary(comparison)
  .map((sentence) => `<p>${text(sentence)}</p>`)
  .join("\n")}
${list([circumstances(before), circumstances(after)], "dim")}
${claimed.length === 0 ? "" : plots(comparison, claimed)}
${
  writes.length === 0
    ? "<p>Writes were not measured (<code>indexes bench --writes</code>, on a branch).</p>"
    : `<h2>Write cost</h2>\n<p class="dim">Bytes of WAL of one execution.</p>\n${pairPlot(
        "WAL bytes before and after",
        writes.filter((write) => claimed.includes(write)),
        ({ walBytes }) => walBytes,
      )}`
}
<h2>Queries</h2>
<div class="scroll"><table><thead><tr><th>query</th><th>parameters</th><th>buffers</th><th>p50 ms</th><th>p95 ms</th><th>WAL bytes</th><th>p50 after ÷ before</th><th>p95 after ÷ before</th><th>verdict</th></tr></thead><tbody>
${queries.map(row).join("\n")}
</tbody></table></div>
<h2>Indexes</h2>
${added.length + gone.length === 0 ? "<p>Both have the same.</p>" : list([...added.map((index) => `added: ${index}`), ...gone.map((index) => `gone: ${index}`)])}
${left.length === 0 ? "" : `<h2>Without numbers</h2>\n${list(left.map(({ name, sample, reason }) => `${name} (${sample}): ${reason}`))}`}
</body></html>
`;
}

function plots({ before, after }: Comparison, claimed: readonly ComparedQuery[]): string {
  return `<h2>Buffers</h2>
<p class="dim">Pages of 8 KiB touched by one warm execution; ${bars(before.label, after.label)}, on a logarithmic axis.</p>
${pairPlot("Buffers before and after", claimed, ({ buffers }) => buffers)}
<h2>Latency</h2>
<p class="dim">The median of "${text(after.label)}" as a ratio of "${text(before.label)}", on a logarithmic axis: a dot, with its ${CONFIDENCE * 100} % interval. Green is faster, red slower, grey undecided.</p>
${latencyPlot(claimed)}`;
}

function row(query: ComparedQuery): string {
  const pair = (value: (numbers: ComparedQuery["before"]) => number) =>
    `<td class="n">${amountText(value(query.before))} → ${amountText(value(query.after))}</td>`;
  const numbers = [
    pair(({ buffers }) => buffers),
    pair(({ p50Ms }) => p50Ms),
    pair(({ p95Ms }) => p95Ms),
    pair(({ walBytes }) => walBytes),
  ];
  return `<tr><td>${text(query.name)}</td><td>${text(query.sample)}</td>${numbers.join("")}<td class="n">${ratioText(query.p50)}</td><td class="n">${ratioText(query.p95)}</td><td>${text(verdictText(query))}</td></tr>`;
}

function bars(before: string, after: string): string {
  return `grey is ${text(before)}, blue is ${text(after)}`;
}

function list(items: readonly string[], name = ""): string {
  return `<ul${name === "" ? "" : ` class="${name}"`}>${items.map((item) => `<li>${text(item)}</li>`).join("")}</ul>`;
}

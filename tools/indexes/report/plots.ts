import type { ComparedQuery } from "./compare.ts";
import { logScale, plot } from "./plot.ts";
import { amountText } from "./reportWords.ts";

/** p50 after ÷ before with its interval, a line of dots around 1. */
export function latencyPlot(queries: readonly ComparedQuery[]): string {
  const values = queries.flatMap(({ p50 }) => [p50.low, p50.high, 1]);
  return plot({
    title: "Median latency after, as a ratio of before, with its interval",
    rows: queries.map((query) => ({ ...query, label: labelOf(query) })),
    scale: logScale(values),
    tick: (value) => `× ${amountText(value)}`,
    draw: ({ p50, latency }, x, y) =>
      `<line class="one" x1="${x(1)}" x2="${x(1)}" y1="${y - 10}" y2="${y + 10}"/><line class="${latency}" x1="${x(p50.low)}" x2="${x(p50.high)}" y1="${y}" y2="${y}"/><circle class="${latency}" cx="${x(p50.ratio)}" cy="${y}" r="4"/>`,
  });
}

/** Two bars a query: buffers (or WAL bytes) before and after. */
export function pairPlot(
  title: string,
  queries: readonly ComparedQuery[],
  value: (numbers: ComparedQuery["before"]) => number,
): string {
  const scale = logScale(queries.flatMap(({ before, after }) => [value(before), value(after)]));
  return plot({
    title,
    rows: queries.map((query) => ({ ...query, label: labelOf(query) })),
    scale,
    tick: amountText,
    draw: ({ before, after }, x, y) => {
      const bar = (name: string, amount: number, top: number) =>
        `<rect class="${name}" x="${x(0)}" y="${top}" width="${Math.max(1, Math.round((x(amount) - x(0)) * 10) / 10)}" height="7"><title>${name}: ${amountText(amount)}</title></rect>`;
      return bar("before", value(before), y - 8) + bar("after", value(after), y + 1);
    },
  });
}

function labelOf({ name, sample }: ComparedQuery): string {
  return `${name} · ${sample}`;
}

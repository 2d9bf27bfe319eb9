import { escapeMarkup } from "./escapeMarkup.ts";

/** What a plot's geometry shares. Pixels. */
const ROW = 20;
const LABELS = 330;
const WIDTH = 980;
const AXIS = 24;
const GAP = 16;
/** Right of the last tick: half of the widest text, `10,000,000`. */
const SIDE = 40;

export interface LogScale {
  readonly min: number;
  readonly max: number;
}

/** Whole powers of ten around all positive values, so that both ends have a tick. */
export function logScale(values: readonly number[]): LogScale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const low = Math.floor(Math.log10(Math.min(...positive, 1)));
  const high = Math.ceil(Math.log10(Math.max(...positive, 1)));
  return { min: 10 ** low, max: 10 ** Math.max(high, low + 1) };
}

/** Where a value stands between the scale's ends, from 0 to 1. What is 0 or less stands at the left end. */
export function placeOf(value: number, { min, max }: LogScale): number {
  if (!(value > min)) return 0;
  return Math.min(1, Math.log(value / min) / Math.log(max / min));
}

/** A plot of one row a label over a logarithmic axis; `draw` gives a row's marks, from x of a value. */
export function plot<Row extends { readonly label: string }>(options: {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly scale: LogScale;
  readonly tick: (value: number) => string;
  readonly draw: (row: Row, x: (value: number) => number, y: number) => string;
}): string {
  const { title, rows, scale, tick, draw } = options;
  const height = rows.length * ROW + AXIS + GAP;
  const x = (value: number) => round(LABELS + placeOf(value, scale) * (WIDTH - LABELS - SIDE));
  const lines = ticks(scale).map(
    (value) =>
      `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${AXIS}" y2="${height - GAP}"/><text class="tick" x="${x(value)}" y="${AXIS - 8}" text-anchor="middle">${escapeMarkup(tick(value))}</text>`,
  );
  const body = rows.map((row, index) => {
    const y = AXIS + index * ROW + ROW / 2;
    const label = `<text class="label" x="${LABELS - 10}" y="${y + 4}" text-anchor="end">${escapeMarkup(row.label)}</text>`;
    return label + draw(row, x, y);
  });
  const name = escapeMarkup(title);
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${name}"><title>${name}</title>${lines.join("")}${body.join("")}</svg>`;
}

function ticks({ min, max }: LogScale): readonly number[] {
  const powers = Math.round(Math.log10(max / min));
  return Array.from({ length: powers + 1 }, (_, power) => min * 10 ** power);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

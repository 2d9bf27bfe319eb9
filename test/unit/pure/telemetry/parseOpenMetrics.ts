/** One sample line: what follows the name is the suffix of the family's kind. */
interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly at: number;
  };
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
};

const LABELS = String.raw`\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\}`;
const NUMBER = String.raw`([+-]?(?:Inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?)|NaN)`;
const SAMPLE = new RegExp(`^([a-zA-Z_]\\w*)(?:${LABELS})? ${NUMBER}(?: # ${LABELS} ${NUMBER} ${NUMBER})?$`);

/**
 * Reads OpenMetrics 1.0, as strictly as the specification says, as far as we write it. Throws at the first line that
 * does not fit: metadata after samples, a family in two places, a suffix of another kind, a repeated series.
 */
export function parseOpenMetrics(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  if (!text.endsWith("\n# EOF\n") && text !== "# EOF\n") throw new Error("The text does not end with # EOF.");
  const seen = new Set<string>();
  let open: { name: string; type: string; unit: string; help: string; samples: ParsedSample[] } | undefined;
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const [, keyword, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) ([a-zA-Z_]\w*) (.+)$/.exec(line) ?? [];
    if (keyword === "TYPE") {
      if (families.has(name)) throw new Error(`${name} comes twice.`);
      if (!(rest in SUFFIXES)) throw new Error(`${name} is of no kind: ${rest}`);
      open = { name, type: rest, unit: "", help: "", samples: [] };
      families.set(name, open);
    } else if (!open) {
      throw new Error(`No family for: ${line}`);
    } else if (keyword) {
      if (name !== open.name || open.samples.length > 0) throw new Error(`Out of place: ${line}`);
      if (keyword === "UNIT" && !name.endsWith(`_${rest}`)) throw new Error(`${name} does not end with its unit.`);
      if (/(^|[^\\])(\\\\)*"/.test(rest)) throw new Error(`A quote is not escaped: ${line}`);
      open[keyword === "UNIT" ? "unit" : "help"] = unescaped(rest);
    } else {
      const sample = sampleOf(line);
      const suffix = sample.name.slice(open.name.length);
      const isOurs = sample.name.startsWith(open.name) && SUFFIXES[open.type]?.includes(suffix);
      if (!isOurs) throw new Error(`${sample.name} does not belong to the ${open.type} ${open.name}.`);
      if (sample.exemplar && suffix !== "_bucket") throw new Error(`An exemplar in the wrong place: ${line}`);
      const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(series)) throw new Error(`A series comes twice: ${line}`);
      seen.add(series);
      open.samples.push(sample);
    }
  }
  return families;
}

function sampleOf(line: string): ParsedSample {
  const [matched, name = "", labels = "", value = "", traced, tracedValue = "", at = ""] = SAMPLE.exec(line) ?? [];
  if (matched === undefined) throw new Error(`No sample: ${line}`);
  const sample = { name, labels: labelsOf(labels), value: numberOf(value) };
  if (traced === undefined) return sample;
  return { ...sample, exemplar: { labels: labelsOf(traced), value: numberOf(tracedValue), at: numberOf(at) } };
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"/g)];
  if (new Set(pairs.map(([, name]) => name)).size < pairs.length) throw new Error(`A label comes twice: ${text}`);
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_whole, letter: string) => (letter === "n" ? "\n" : letter));
}

function numberOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

import { bytesOf } from "./bytesOf.ts";
import { CATALOGUE, DIMENSIONS, type DimensionName, type LabelSource, type MetricName } from "./catalogue.ts";
import { MAX_VALUE_BYTES, OTHER } from "./constants.ts";

/** Values of dimensions that are known from the start: routes of the table, nodes and crons of the configuration. */
export type KnownValues = Readonly<Partial<Record<DimensionName, readonly string[]>>>;

/**
 * Keeps label sets bounded. A dimension whose values are known takes those and no other; one whose values are not
 * learns them as they come, up to its maximum. Everything else becomes `other`.
 */
export class Dimensions {
  readonly #known: KnownValues;
  readonly #values = new Map<DimensionName, Set<string>>();

  constructor(known: KnownValues = {}) {
    this.#known = known;
  }

  /** The values that are to stand in the metric's labels; undefined where one is not in the catalogue's list. */
  fit(name: MetricName, values: readonly string[]): string[] | undefined {
    return replaced(name, values, (dimension, value) => this.#fitOne(dimension, value));
  }

  /**
   * The same for values that were fitted before. They stay as they are, full or not: what becomes `other` now would be
   * counted there again by whoever holds it under its own name.
   */
  keep(name: MetricName, values: readonly string[]): string[] | undefined {
    return replaced(name, values, (dimension, value) => {
      if (value !== OTHER) this.#of(dimension).add(value);
      return value;
    });
  }

  /** The metric's label sets that can be told beforehand: all lists, and all values known. */
  labelSets(name: MetricName): string[][] {
    let sets: string[][] = [[]];
    for (const source of sourcesOf(name)) {
      const values = typeof source === "string" ? this.#foreseen(source) : source;
      sets = sets.flatMap((set) => values.map((value) => [...set, value]));
    }
    return sets;
  }

  #fitOne(dimension: DimensionName, value: string): string {
    const values = this.#of(dimension);
    if (values.has(value)) return value;
    const isFull = this.#known[dimension] !== undefined || values.size >= DIMENSIONS[dimension].max;
    if (isFull || !isNameable(value)) return OTHER;
    values.add(value);
    return value;
  }

  #foreseen(dimension: DimensionName): string[] {
    const values = [...this.#of(dimension)];
    return DIMENSIONS[dimension].hasOther ? [...values, OTHER] : values;
  }

  #of(dimension: DimensionName): Set<string> {
    const held = this.#values.get(dimension);
    if (held) return held;
    const nameable = new Set(this.#known[dimension]?.filter(isNameable));
    const values = new Set([...nameable].slice(0, DIMENSIONS[dimension].max));
    this.#values.set(dimension, values);
    return values;
  }
}

function replaced(
  name: MetricName,
  values: readonly string[],
  bounded: (dimension: DimensionName, value: string) => string,
): string[] | undefined {
  const sources = sourcesOf(name);
  if (values.length !== sources.length) return undefined;
  const isUnlisted = (value: string, at: number) => typeof sources[at] === "object" && !sources[at].includes(value);
  if (values.some(isUnlisted)) return undefined;
  return values.map((value, at) => {
    const source = sources[at];
    return typeof source === "string" ? bounded(source, value) : value;
  });
}

function isNameable(value: string): boolean {
  return value !== OTHER && bytesOf(value) <= MAX_VALUE_BYTES;
}

function sourcesOf(name: MetricName): readonly LabelSource[] {
  return Object.values<LabelSource>(CATALOGUE[name].labels);
}

import { CATALOGUE, type MetricName } from "./catalogue.ts";
import type { Dimensions } from "./dimensions.ts";
import { LabelTree } from "./labelTree.ts";

interface Family<Series> {
  readonly labelNames: readonly string[];
  readonly tree: LabelTree<Series>;
  readonly series: Series[];
}

interface SeriesBookOptions<Series> {
  readonly dimensions: Dimensions;
  /** Makes a series with these label values, in the catalogue's order. */
  readonly create: (values: readonly string[]) => Series;
  /** Told when a label has a value that the catalogue does not list. */
  readonly onUnknown: () => void;
}

/** The series of one kind that a ledger has, made as they are first asked for. */
export class SeriesBook<Series> {
  readonly #options: SeriesBookOptions<Series>;
  readonly #families = new Map<MetricName, Family<Series>>();

  constructor(options: SeriesBookOptions<Series>) {
    this.#options = options;
  }

  /** The series of a metric with these labels. One that no delta will carry where a value is not the catalogue's. */
  series(metric: MetricName, labels: Readonly<Record<string, string>>): Series {
    const family = this.#families.get(metric);
    let tree = family?.tree;
    for (const label of family?.labelNames ?? []) tree = tree?.branch(labels[label] ?? "");
    return tree?.series ?? this.#make(metric, labels);
  }

  /** All of them, family by family. */
  list(): { readonly metric: MetricName; readonly series: Series }[] {
    return [...this.#families].flatMap(([metric, family]) => family.series.map((series) => ({ metric, series })));
  }

  #make(metric: MetricName, labels: Readonly<Record<string, string>>): Series {
    const { dimensions, create, onUnknown } = this.#options;
    const values = dimensions.fit(
      metric,
      Object.keys(CATALOGUE[metric].labels).map((label) => labels[label] ?? ""),
    );
    if (!values) {
      onUnknown();
      return create([]);
    }
    const family = this.#family(metric);
    const held = family.tree.find(values);
    if (held) return held;
    const series = create(values);
    family.tree.set(values, series);
    family.series.push(series);
    return series;
  }

  #family(metric: MetricName): Family<Series> {
    const held = this.#families.get(metric);
    if (held) return held;
    const labelNames = Object.keys(CATALOGUE[metric].labels);
    const family: Family<Series> = { labelNames, tree: new LabelTree(), series: [] };
    this.#families.set(metric, family);
    return family;
  }
}

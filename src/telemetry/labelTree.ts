/** Finds a series by its label values, in the catalogue's order, without making a text of them: requests wait for it. */
export class LabelTree<Series> {
  readonly #branches = new Map<string, LabelTree<Series>>();
  #series: Series | undefined;

  find(values: readonly string[]): Series | undefined {
    let tree: LabelTree<Series> | undefined = this;
    for (const value of values) tree = tree?.branch(value);
    return tree?.series;
  }

  /** The tree below one value of the next label. */
  branch(value: string): LabelTree<Series> | undefined {
    return this.#branches.get(value);
  }

  get series(): Series | undefined {
    return this.#series;
  }

  set(values: readonly string[], series: Series): void {
    let tree: LabelTree<Series> = this;
    for (const value of values) tree = tree.#grown(value);
    tree.#series = series;
  }

  #grown(value: string): LabelTree<Series> {
    const held = this.#branches.get(value);
    if (held) return held;
    const branch = new LabelTree<Series>();
    this.#branches.set(value, branch);
    return branch;
  }
}

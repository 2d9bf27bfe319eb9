import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IndexError } from "../deploy/indexError.ts";
import { type Comparison, compare } from "./compare.ts";
import { readMeasurement } from "./measurementFile.ts";
import type { Difference } from "./obstacles.ts";
import { reportHtml } from "./reportHtml.ts";
import { reportMarkdown } from "./reportMarkdown.ts";

export interface ReportOptions {
  readonly folder: string;
  readonly before: string;
  readonly after: string;
  /** Differences that whoever asks knows of and takes responsibility for. */
  readonly allowed: readonly Difference[];
}

/** Compares two baselines into `report.html` and `report.md`. Throws where what differs is not their indexes alone. */
export async function writeReport(options: ReportOptions): Promise<Comparison & { readonly paths: readonly string[] }> {
  const { folder, allowed } = options;
  const comparison = compare(
    await readMeasurement(folder, options.before),
    await readMeasurement(folder, options.after),
  );
  const standing = comparison.obstacles.filter(({ kind }) => !allowed.includes(kind));
  if (standing.length > 0) {
    const kinds = standing.map(({ kind }) => kind).join(" ");
    throw new IndexError(
      "refused",
      `These are not compared: ${standing.map(({ sentence }) => sentence).join("; ")}. Take them again, or say --allow ${kinds}.`,
    );
  }
  await mkdir(folder, { recursive: true });
  const paths = [join(folder, "report.html"), join(folder, "report.md")];
  const [html = "", markdown = ""] = paths;
  await writeFile(html, reportHtml(comparison));
  await writeFile(markdown, reportMarkdown(comparison));
  return { ...comparison, paths };
}

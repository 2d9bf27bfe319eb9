import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IndexError } from "../deploy/indexError.ts";
import { type Measurement, measurement } from "./measurement.ts";

/** Where a baseline of that label is kept. Labels are names of files: letters, digits, `-` and `_`. */
export function measurementPath(folder: string, label: string): string {
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(label)) {
    throw new IndexError("refused", `"${label}" is no label: use letters, digits, - and _, 60 at most.`);
  }
  return join(folder, `${label}.json`);
}

export async function saveMeasurement(folder: string, taken: Measurement): Promise<string> {
  const path = measurementPath(folder, taken.label);
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(taken, null, 1)}\n`);
  await rename(`${path}.new`, path);
  return path;
}

export async function readMeasurement(folder: string, label: string): Promise<Measurement> {
  const path = measurementPath(folder, label);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) {
    throw new IndexError("refused", `There is no ${path}: \`npm run cli -- indexes bench --label ${label}\` makes it.`);
  }
  const parsed = measurement.safeParse(parseJson(text));
  if (!parsed.success) throw new IndexError("refused", `${path} is no measurement of this version: take it again.`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

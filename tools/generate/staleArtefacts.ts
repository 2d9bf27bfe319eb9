import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "./artefacts.ts";

/** Those whose file is missing, or holds something else. */
export async function staleArtefacts(root: string, artefacts: readonly Artefact[]): Promise<readonly Artefact[]> {
  const contents = await Promise.all(artefacts.map(({ path }) => contentOf(join(root, path))));
  return artefacts.filter(({ content }, index) => contents[index] !== content);
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

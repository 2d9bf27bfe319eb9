import { readFileSync } from "node:fs";

/** A message of wire v1 as it was written down when v1 was made; these files never change. */
export function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), "utf8"));
}

import type { IsolateState } from "../isolate.ts";
import type { LocationHint } from "../rpc/locationHint.ts";
import { askOwner, type OwnerWord } from "./askOwner.ts";

const HINTS: readonly string[] = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"];

/** Connections an invocation may have open; a seventh call would only wait. */
const AT_ONCE = 6;

/** The Collectors that reported in the last 24 hours; this isolate's own where the register cannot be asked. */
export async function collectorNames(state: IsolateState): Promise<{ names: string[]; trouble?: string }> {
  const own = state.exchange?.status(Date.now()).collector;
  const word = await askOwner(state, (objects) => objects.breaker((stub) => stub.admin()));
  const registered = Array.isArray(word.said?.collectors) ? word.said.collectors.map(String) : [];
  const names = [...new Set([...registered, ...(own === undefined ? [] : [own])])].sort();
  return word.trouble === undefined ? { names } : { names, trouble: word.trouble };
}

/** Asks each of them, a few at a time. */
export async function askCollectors(
  state: IsolateState,
  names: readonly string[],
  method: "totals" | "stats",
): Promise<Map<string, OwnerWord>> {
  const words = new Map<string, OwnerWord>();
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const asked = names.slice(start, start + AT_ONCE);
    await Promise.all(
      asked.map(async (name) => {
        const ask = askOwner(state, (objects) => objects.collector(name, hintOf(name), (stub) => stub[method]()));
        words.set(name, await ask);
      }),
    );
  }
  return words;
}

/** Their names say where they live: `collector:<hint>:<shard>`. */
function hintOf(name: string): LocationHint {
  const hint = name.split(":")[1] ?? "";
  return HINTS.includes(hint) ? (hint as LocationHint) : "enam";
}

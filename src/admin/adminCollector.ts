import type { IsolateState } from "../isolate.ts";
import { askCollectors, collectorNames } from "./collectors.ts";

/** `GET /admin/collector`: reporters, rates, bytes and shards, of all Collectors; and this isolate's own exchange. */
export async function adminCollector(state: IsolateState) {
  const { names, trouble } = await collectorNames(state);
  const words = await askCollectors(state, names, "stats");
  const now = Date.now();
  return {
    shards: names.length,
    ...(trouble === undefined ? {} : { trouble }),
    collectors: names.map((name) => {
      const word = words.get(name);
      return word?.said ? { ageMs: word.ageMs, ...word.said } : { name, trouble: word?.trouble ?? "not asked" };
    }),
    isolate: state.exchange?.status(now) ?? { trouble: "no exchange" },
  };
}

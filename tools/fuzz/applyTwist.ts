import { bytesTwist } from "./bytesTwist.ts";
import { type Place, placesIn, valueAt, withValueAt } from "./jsonPlaces.ts";
import type { Twist } from "./plan.ts";
import type { RequestParts } from "./rawRequest.ts";

/** The request with one thing wrong. Where the twist does not fit (a body that has no field), it is as it was. */
export function applyTwist(parts: RequestParts, twist: Twist): RequestParts {
  const { json, query, segments } = parts;
  switch (twist.kind) {
    case "replace-value":
      return atPlace(parts, twist.at, () => twist.value ?? null);
    case "drop-value":
      return atPlace(parts, twist.at, () => undefined);
    case "repeat-value":
      return atPlace(parts, twist.at, (value) => repeated(value, Number(twist.value)));
    case "add-field":
      return withField(parts, twist);
    case "whole-body":
      return { ...parts, json: twist.value ?? null };
    case "bytes":
      return json === undefined ? parts : { ...parts, bytes: bytesTwist(twist.how, JSON.stringify(json)) };
    case "segment": {
      const variable = segments
        .map((text, index) => (/^[\w-]*$/.test(text) && !isId(text) ? -1 : index))
        .filter((index) => index >= 0);
      const index = variable[Math.floor(twist.at * variable.length)];
      return index === undefined ? parts : { ...parts, segments: segments.with(index, twist.text) };
    }
    case "path":
      return { ...parts, suffix: twist.suffix };
    case "query": {
      if (twist.text.startsWith("extra=") || query.length === 0) return { ...parts, query: [...query, twist.text] };
      const index = Math.floor(twist.at * query.length);
      return { ...parts, query: query.with(index, `${query[index]?.split("=")[0]}=${twist.text}`) };
    }
    case "query-twice":
    case "query-drop": {
      const index = Math.floor(twist.at * query.length);
      const pair = query[index];
      if (pair === undefined) return parts;
      return { ...parts, query: twist.kind === "query-drop" ? query.toSpliced(index, 1) : [...query, pair] };
    }
    case "header": {
      const others = parts.headers.filter(([name]) => name.toLowerCase() !== twist.name.toLowerCase());
      return { ...parts, headers: [...others, [twist.name, twist.value]] };
    }
    case "method":
      return { ...parts, method: twist.method };
    default:
      return twist satisfies never;
  }
}

function atPlace(parts: RequestParts, at: number, change: (value: unknown) => unknown): RequestParts {
  const places = placesIn(parts.json);
  const place = places[Math.floor(at * places.length)];
  if (!place) return parts;
  return { ...parts, json: withValueAt(parts.json, place, change(valueAt(parts.json, place))) };
}

/** A list or a text that is so many times as long; another value, a list of it. */
function repeated(value: unknown, times: number): unknown {
  const most = typeof value === "string" ? Math.min(times, Math.ceil(30_000 / (value.length + 1))) : times;
  if (typeof value === "string") return value.repeat(most);
  const list = Array.isArray(value) ? value : [value];
  return Array.from({ length: most }, (_, index) => list[index % list.length] ?? null);
}

function withField(parts: RequestParts, { at, name, value }: Extract<Twist, { kind: "add-field" }>): RequestParts {
  const objects: Place[] = [[], ...placesIn(parts.json)].filter((place) => isObject(valueAt(parts.json, place)));
  const place = objects[Math.floor(at * objects.length)];
  if (!place) return parts;
  const before = valueAt(parts.json, place) as object;
  const after = Object.fromEntries([...Object.entries(before), [name, value]]);
  return { ...parts, json: withValueAt(parts.json, place, after) };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text);
}

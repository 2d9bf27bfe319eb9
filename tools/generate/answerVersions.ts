import { createHash } from "node:crypto";
import type { Route } from "../../src/http/route.ts";
import { jsonSchemaOf } from "./jsonSchemaOf.ts";

/** Of each shared route its version, and what its answers look like in it. */
export type AnswerVersions = Readonly<
  Record<string, { readonly version: number; readonly fingerprint: string } | undefined>
>;

/** Those of a table of routes, as it is now. */
export function answerVersions(routes: readonly Route[]): AnswerVersions {
  const shared = routes.flatMap((route) => (route.shared ? [[route, route.shared] as const] : []));
  const versions = shared.map(([route, { version = 1 }]) => {
    return [`${route.method} ${route.path}`, { version, fingerprint: fingerprintOf(route) }] as const;
  });
  return Object.fromEntries(versions.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * What is wrong with them beside those that were committed: copies outlive a deploy, and whoever is given one that was
 * made before it must find what the answer looks like now.
 */
export function versionTroubles(committed: AnswerVersions, now: AnswerVersions): string[] {
  return Object.entries(now).flatMap(([route, is]) => {
    const was = committed[route];
    if (!was || !is || is.version > was.version) return [];
    if (is.version < was.version)
      return [`the \`version\` of ${route} was ${was.version} already: it must not go back.`];
    return is.fingerprint === was.fingerprint ? [] : [`the answer of ${route} changed: raise its \`version\`.`];
  });
}

/** Of all answers' schemas: what describes them, and the order of names, is nothing to it. */
function fingerprintOf({ answers }: Route): string {
  const schemas = Object.entries(answers).map(([status, schema]) => [status, schema && jsonSchemaOf(schema, "output")]);
  return createHash("sha256")
    .update(JSON.stringify(sorted(schemas)))
    .digest("hex")
    .slice(0, 16);
}

const DESCRIBING: ReadonlySet<string> = new Set(["description", "title", "examples"]);

/** `isNames`: the keys are the answer's own, of which any may be called `title`. */
function sorted(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => sorted(item));
    return items.every((item) => typeof item === "string") ? items.sort() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => isNames || !DESCRIBING.has(name));
  const inOrder = fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(inOrder.map(([name, of]) => [name, sorted(of, !isNames && name === "properties")]));
}

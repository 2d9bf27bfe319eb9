import * as z from "zod";
import type { Route } from "../../src/http/route.ts";

/** A schema of a route, as it is written in the table. */
export type RouteSchema = NonNullable<Route["params"]>;

/** What OpenAPI 3.1 calls a Schema Object: JSON Schema 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Formats that say all of their pattern, which is long and would stand in the document some hundred times. */
const SPEAKING_FORMATS: ReadonlySet<string> = new Set(["uuid", "date-time"]);

/** What goes in (before defaults are filled in) or comes out, without what tells a reader nothing. */
export function jsonSchemaOf(schema: RouteSchema, io: "input" | "output"): JsonSchema {
  const { $schema: _dialect, "~standard": _tools, ...rest } = z.toJSONSchema(schema, { io, override: tidied });
  return rest;
}

function tidied({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.format !== undefined && SPEAKING_FORMATS.has(jsonSchema.format)) delete jsonSchema.pattern;
  // Every whole number of JavaScript is between these.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

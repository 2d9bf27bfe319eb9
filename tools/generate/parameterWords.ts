import type { JsonSchema } from "./jsonSchemaOf.ts";

/** What a parameter may be, in words made from its schema, so that they are never behind it. Its own `description` wins. */
export function parameterWords(schema: JsonSchema, place: "path" | "query"): string {
  if (schema.description !== undefined) return schema.description;
  const words = `${kindOf(schema)}${whenAbsent(schema)}`;
  return place === "path" ? `${words} Anything else is answered 404.` : words;
}

function kindOf({ type, format, enum: values, minimum, maximum, maxLength }: JsonSchema): string {
  if (values) return `One of: ${values.join(", ")}.`;
  if (format !== undefined) return `Text of the format ${format}.`;
  if (type === "integer" || type === "number") {
    const noun = type === "integer" ? "A whole number" : "A number";
    return `${noun}${minimum === undefined ? "" : ` from ${minimum}`}${maximum === undefined ? "" : ` to ${maximum}`}.`;
  }
  if (type === "string") return maxLength === undefined ? "Text." : `Text of at most ${maxLength} characters.`;
  return "See the schema.";
}

function whenAbsent(schema: JsonSchema): string {
  return schema.default === undefined ? "" : ` ${JSON.stringify(schema.default)} when absent.`;
}

import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { FORMATS } from "./formats.ts";

/** What is wrong with a value by the schema at a JSON pointer of the document; nothing: it fits. */
export type BodyCheck = (pointer: string, value: unknown) => readonly string[];

const DOCUMENT = "api";

/** Checks values by the schemas of a document, each compiled when it is first needed. Throws for what is no schema. */
export function bodyCheck(document: object): BodyCheck {
  // The document as a whole is no schema; each schema in it is checked as it is compiled.
  const ajv = new Ajv2020({ strict: false, validateSchema: false, formats: { ...FORMATS }, allErrors: true });
  ajv.addSchema(document, DOCUMENT);
  const compiled = new Map<string, ValidateFunction>();
  return (pointer, value) => {
    let validate = compiled.get(pointer);
    if (!validate) {
      validate = ajv.compile({ $ref: `${DOCUMENT}#${pointer.replaceAll("{", "%7B").replaceAll("}", "%7D")}` });
      compiled.set(pointer, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []).toSorted(unknownFirst).map(sentence);
  };
}

/** A property too many tells most, and would be the last to be told. */
function unknownFirst(a: ErrorObject, b: ErrorObject): number {
  return Number(isOfUnknown(b)) - Number(isOfUnknown(a));
}

function isOfUnknown({ keyword }: ErrorObject): boolean {
  return keyword === "additionalProperties" || keyword === "unevaluatedProperties";
}

function sentence({ instancePath, message = "is wrong", params }: ErrorObject): string {
  const { additionalProperty, unevaluatedProperty, allowedValues, allowedValue } = params as Record<string, unknown>;
  const more = additionalProperty ?? unevaluatedProperty ?? allowedValues ?? allowedValue;
  return `${instancePath || "the body"} ${message}${more === undefined ? "" : `: ${JSON.stringify(more)}`}`;
}

import * as z from "zod";
import { MAX_PARAMETERS } from "./constants.ts";
import { EndpointError } from "./endpointError.ts";
import { parameterText } from "./parameterText.ts";

/** One statement to run. */
export interface Statement {
  readonly text: string;
  readonly values: readonly (string | null)[];
  /** Rows as arrays; undefined leaves it to the header. */
  readonly arrayMode?: boolean | undefined;
}

export interface Payload {
  readonly kind: "single" | "batch";
  readonly statements: readonly Statement[];
}

const statementSchema = z
  .object({ query: z.string(), params: z.array(z.unknown()).default([]), arrayMode: z.boolean().nullish() })
  .transform(
    ({ query, params, arrayMode }): Statement => ({
      text: query,
      values: params.map(parameterText),
      arrayMode: arrayMode ?? undefined,
    }),
  );

const payloadSchema = z.union([
  statementSchema.transform((statement): Payload => ({ kind: "single", statements: [statement] })),
  z.object({ queries: z.array(statementSchema) }).transform(({ queries }): Payload => {
    return { kind: "batch", statements: queries };
  }),
]);

/** @throws {EndpointError} 400 when the body is no JSON of the right shape, or a statement cannot be put on the wire. */
export function parsePayload(body: string): Payload {
  const payload = payloadSchema.safeParse(parseJson(body));
  if (!payload.success) throw unreadable("data did not match any variant of untagged enum Payload");
  for (const { text, values } of payload.data.statements) {
    // On the wire the text ends at its first NUL, and a count beyond 16 bits would wrap: both would be misread.
    if (text.includes("\0") || values.length > MAX_PARAMETERS) {
      throw EndpointError.of(400, { message: "error encoding message to server" });
    }
  }
  return payload.data;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(reason: string): EndpointError {
  return EndpointError.of(400, { message: `could not parse the HTTP request body: ${reason}` });
}

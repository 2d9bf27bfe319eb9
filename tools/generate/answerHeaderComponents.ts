/** The headers that answers are described with: those of every answer first, then those that some have. */
const HEADERS = {
  "X-Request-Id": {
    required: true,
    description: "Names this request; problems carry it as `requestId`.",
    schema: { type: "string" },
  },
  "Server-Timing": {
    required: true,
    description: "Milliseconds in all, and of each query by its name.",
    schema: { type: "string" },
  },
  Location: {
    required: false,
    description: "The path of what was made.",
    schema: { type: "string", format: "uri-reference" },
  },
  "Set-Cookie": {
    required: false,
    description: "The session's cookie: its token, or its end.",
    schema: { type: "string" },
  },
  "Retry-After": {
    required: false,
    description: "Seconds to wait before the request is repeated.",
    schema: { type: "integer", minimum: 1 },
  },
  "WWW-Authenticate": {
    required: true,
    description: "How an account is proven.",
    schema: { type: "string" },
  },
} as const;

export type HeaderName = keyof typeof HEADERS;

const EVERYWHERE: readonly HeaderName[] = ["X-Request-Id", "Server-Timing"];

export const HEADER_COMPONENTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(HEADERS).map(([name, header]) => [componentName(name), header]),
);

/** The headers of an answer that has these besides those of every answer. */
export function headersOf(names: readonly HeaderName[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...EVERYWHERE, ...names].map((name) => [name, { $ref: `#/components/headers/${componentName(name)}` }]),
  );
}

function componentName(header: string): string {
  return header.replaceAll("-", "");
}

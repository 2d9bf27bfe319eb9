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
    description: "Cookies: the account's session or its end; what `Breakwater-Session` says, for browsers.",
    schema: { type: "string" },
  },
  "Breakwater-Session": {
    required: false,
    description:
      "Send it with the next request, by this header: then that request's reads hold what this one wrote and saw, wherever they are answered.",
    schema: { type: "string", maxLength: 3200 },
  },
  "Breakwater-Consistency": {
    required: false,
    description:
      "What could not be kept, said once: `lost=n` writes that a failover lost, `rewound` where what was seen before one may be gone, `unproven` where this answer may be earlier than the last.",
    schema: { type: "string" },
  },
  ETag: {
    required: false,
    description: "Names this very answer: sent back as `If-None-Match`, 304 says that it is still the same.",
    schema: { type: "string" },
  },
  Age: {
    required: false,
    description: "Seconds since the answer was loaded from the database.",
    schema: { type: "integer", minimum: 0 },
  },
  "Cache-Status": {
    required: false,
    description: "Which caches were asked and what they said (RFC 9211), the nearest to the client last.",
    schema: { type: "string" },
  },
  "CDN-Cache-Control": {
    required: false,
    description: "What a cache of Cloudflare's in front of the Worker may do with the answer (RFC 9213).",
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

const EVERYWHERE: readonly HeaderName[] = [
  "X-Request-Id",
  "Server-Timing",
  "Breakwater-Session",
  "Breakwater-Consistency",
  "Set-Cookie",
];

export const HEADER_COMPONENTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(HEADERS).map(([name, header]) => [componentName(name), header]),
);

/** The headers of an answer that has these besides those of every answer. */
export function headersOf(names: readonly HeaderName[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...new Set([...EVERYWHERE, ...names])].map((name) => [
      name,
      { $ref: `#/components/headers/${componentName(name)}` },
    ]),
  );
}

function componentName(header: string): string {
  return header.replaceAll("-", "");
}

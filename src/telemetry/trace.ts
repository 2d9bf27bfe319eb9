/** Version 00 ends with its flags, later ones may go on; there is no version ff, and no trace or span of zeros. */
const TRACEPARENT = /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/**
 * The trace a request belongs to, from its `traceparent` header (W3C Trace Context); undefined where it brought none
 * that is valid. What it is kept for: log lines, exemplars and error reports name it.
 */
export function traceIdOf(headers: Headers): string | undefined {
  return TRACEPARENT.exec(headers.get("traceparent") ?? "")?.[1];
}

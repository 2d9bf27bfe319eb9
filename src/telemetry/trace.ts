const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const NO_TRACE = "0".repeat(32);

/**
 * The trace a request belongs to, from its `traceparent` header (W3C Trace Context); undefined where it brought none
 * that is valid. What it is kept for: log lines, exemplars and error reports name it.
 */
export function traceIdOf(headers: Headers): string | undefined {
  const id = TRACEPARENT.exec(headers.get("traceparent") ?? "")?.[1];
  return id === NO_TRACE ? undefined : id;
}

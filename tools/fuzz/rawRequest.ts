/** A request as it goes over the wire. Header values are latin-1, one character a byte. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

/** A request in parts that can be twisted, and made simpler. */
export interface RequestParts {
  readonly method: string;
  /** Percent-encoded segments of the path. */
  readonly segments: readonly string[];
  /** After the last segment, as it is. */
  readonly suffix: string;
  /** Percent-encoded pairs, `name=value`. */
  readonly query: readonly string[];
  readonly headers: readonly (readonly [string, string])[];
  /** Undefined: no body. */
  readonly json: unknown;
  /** Instead of `json`, as it is. */
  readonly bytes: Uint8Array | undefined;
}

/** The parts put together. */
export function rawRequest({ method, segments, suffix, query, headers, json, bytes }: RequestParts): RawRequest {
  const text = json === undefined ? undefined : JSON.stringify(json);
  const search = query.length === 0 ? "" : `?${query.join("&")}`;
  const path = `/${segments.join("/")}${suffix}${search}`;
  return { method, path, headers, body: bytes ?? (text === undefined ? undefined : Buffer.from(text)) };
}

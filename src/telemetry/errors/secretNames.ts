/** `values` and its like are those of a query. */
const SECRET_NAME =
  /passw|passphrase|pwd|secret|token|dsn|credential|cookie|authori[sz]ation|signature|connection[-_ ]?(?:string|uri|url)|database[-_ ]?url|keys?$|^(?:breakwater[-_]?)?session(?:[-_]?id)?$|^(?:values|params|parameters|bindings)$/i;

const SECRET_HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|breakwater-session|idempotency-key|x-api-key|cf-access-(?:jwt-assertion|client-secret))$/i;

/** Whether a field of this name holds what must not leave. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || isSecretHeader(name);
}

/** Whether it is the name of a header with a secret in it, also where it stands in a list before its value. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** Whether it is the id of a trace or span, which looks drawn by lot because it is, and opens nothing. */
export function isTraceId(name: string, value: unknown): value is string {
  return /^(?:trace|span)_?id$/i.test(name) && typeof value === "string" && /^[0-9a-f]{16,32}$/.test(value);
}

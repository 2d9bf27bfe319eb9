import type { ProblemKind } from "./problem.ts";

/** A registry of problem kinds by slug: the `type` of an answer is `/problems/<slug>`. */
export type Problems = Readonly<Record<string, ProblemKind>>;

const REPEAT = "Repeat the request after the number of seconds in `Retry-After`.";

/** The kinds that every application on this core can answer with. */
export const CORE_PROBLEMS = {
  "invalid-request": {
    status: 400,
    title: "The request has invalid fields",
    meaning:
      "A field of the body, a query parameter or a header is missing, unknown or out of range. `errors` names each with what is expected; mend them and send again.",
  },
  "malformed-body": {
    status: 400,
    title: "The body is not JSON",
    meaning: "The body is empty, is not UTF-8 or is not JSON. Send one JSON object, encoded as UTF-8.",
  },
  "invalid-session-token": {
    status: 400,
    title: "The session token is none of ours",
    meaning:
      "The `Breakwater-Session` header names a token that was changed, cut short, made elsewhere, or is over an hour old. Send the last one you were given, or none: then nothing is promised of what you wrote before.",
  },
  unauthenticated: {
    status: 401,
    title: "Sign in first",
    meaning:
      "The request needs an account and brought no valid session: none, an expired one, or one that was logged out. Log in, and send the session's cookie or `Authorization: Bearer <token>`.",
  },
  forbidden: {
    status: 403,
    title: "This is not yours to do",
    meaning: "The account is known and may not do this. Repeating the request does not help.",
  },
  "cross-site-request": {
    status: 403,
    title: "Requests from other sites are refused",
    meaning:
      "A changing request was authenticated by a cookie, and did not say that it comes from a page of this site. Send the `Origin` of this host (browsers do), or authenticate by bearer token instead.",
  },
  "not-found": {
    status: 404,
    title: "There is nothing here",
    meaning: "No such path, or nothing by that id that this account may see. A malformed id is answered the same way.",
  },
  "method-not-allowed": {
    status: 405,
    title: "The path exists, the method does not",
    meaning: "The `Allow` header lists the methods that this path takes.",
  },
  "body-too-slow": {
    status: 408,
    title: "The body did not arrive in time",
    meaning: "The request's body was not complete within two seconds. Nothing was done; send it again.",
  },
  "idempotency-key-busy": {
    status: 409,
    title: "The first request with this key is still running",
    meaning: `Another request with the same \`Idempotency-Key\` has not ended. ${REPEAT} The answer is then that of the first.`,
  },
  "stale-epoch": {
    status: 409,
    title: "The breaker is another than you saw",
    meaning:
      "The order named an `expectedEpoch` of the node's breaker that is over: it opened, closed or was ordered otherwise since you looked. Nothing was done. Look again (`GET /admin/breaker`), and send the order with the epoch you find, if you still mean it.",
  },
  "not-in-this-role": {
    status: 409,
    title: "The node is not in a role for this",
    meaning:
      "A replica was to be drained that is the primary, or a node to be made the primary that takes no writes. Nothing was done. `GET /admin/replicas` tells each node's role.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    meaning: "Bodies have at most 65,536 bytes (64 KiB). Send less.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body must be JSON",
    meaning: "Send `Content-Type: application/json`, in UTF-8 and without `Content-Encoding`.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "This key belongs to another request",
    meaning:
      "The `Idempotency-Key` came before with another method, path or body. Nothing was done; make a new key for a new request.",
  },
  "internal-error": {
    status: 500,
    title: "Something went wrong here",
    meaning: "A mistake of ours, and recorded. Nothing is known to be wrong with the request; quote `requestId` to us.",
  },
  unavailable: {
    status: 503,
    title: "The database cannot answer now",
    meaning: `No database node that may answer this did. Nothing was written. ${REPEAT}`,
  },
  "deadline-exceeded": {
    status: 503,
    title: "The database did not answer in time",
    meaning: `The time that a request may take was over. Nothing was written. ${REPEAT}`,
  },
  "unknown-outcome": {
    status: 503,
    title: "Nobody knows yet whether this was done",
    meaning:
      "A write was sent and its answer was lost. `outcome` names it: ask `GET /api/outcomes/<outcome>` with the same account, or repeat the request with the same `Idempotency-Key`, which answers with what the first attempt did. Repeating without a key may do it twice.",
  },
  busy: {
    status: 503,
    title: "Too much of this work at once",
    meaning: `This kind of request is expensive, and as many as can be served are waiting already. Nothing was done. ${REPEAT}`,
  },
  unconfirmed: {
    status: 503,
    title: "Nobody confirmed the order",
    meaning:
      "The object that carries the order out did not answer in time, or is not bound. The order may have taken effect, or not. Of nodes: look (`GET /admin/breaker`, `GET /admin/replicas`) before you send it again. A purge of the cache: send it again until it is confirmed; to purge twice does no harm.",
  },
  misconfigured: {
    status: 503,
    title: "The server is not set up",
    meaning:
      "A variable, a secret or the database's schema is missing or wrong. Who runs the server finds the sentence that says which in its log; nothing can be done from outside.",
  },
} as const satisfies Problems;

export type CoreSlug = keyof typeof CORE_PROBLEMS;

import { REMOVED } from "./constants.ts";
import { hideRandomRuns } from "./hideRandomRuns.ts";
import { hideSqlLiterals } from "./hideSqlLiterals.ts";
import { hideUrlSecrets } from "./hideUrlSecrets.ts";

/** Headers whose value is a secret, to the end of the line: cookies have spaces and semicolons in them. */
const HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|breakwater-session|idempotency-key)(["'\\]{0,3}\s{0,3}[:=]\s{0,3})[^\r\n]+/gi;

/** A password may be several words where no quotes say where it ends. */
const PASSWORD =
  /((?:passw(?:or)?d|passphrase|pwd)[\w-]{0,30}["'\\]{0,3}\s{0,3}[:=]\s{0,3})(?!["'\\[\s])[^\r\n,;&|)}\]"']+/gi;

/** `password=…`, `"token": "…"`, `\"secret\":\"…\"`; a value that is not closed goes to the end. */
const NAMED =
  /((?:passw(?:or)?d|passphrase|pwd|secret|token|dsn|credential|(?:api|access|private|session|signing|secret)[-_ ]?key|(?<![a-z])key(?==))[\w-]{0,30}["'\\]{0,3}\s{0,3}[:=]\s{0,3})(?:\[\w+\]|"(?:[^"\\]|\\[\s\S])*\\?(?:"|$)|'[^']*(?:'|$)|\\"[\s\S]*?(?:\\"|$)|(?:[^\s,;&|)}\]"']|,(?=[^\s"'{}[\]]))+)/gi;

const SCHEME = /\b(bearer\s{1,3}|basic\s{1,3}(?=[a-z0-9+/=]{12}))[a-z0-9._~+/=-]+/gi;

const JWT = /(?<![A-Za-z0-9])eyJ[\w-]{4,}(?:\.[\w-]*){0,4}/g;

/** Password hashes, and keys that vendors mark as theirs (Neon's own passwords are too short to look random). */
const MARKED =
  /\$(?:argon2\w{0,3}|2[abxy]|scrypt|pbkdf2[\w-]{0,20})\$[^\s"'<>;)]+|\bSCRAM-SHA-256\$[^\s"'<>;)]+|(?<![A-Za-z0-9_])(?:(?:npg|napi|sk|rk|gh[opsu]|github_pat|glpat|xox[abprs])[-_][\w-]{8,}|AKIA[A-Z0-9]{16})/g;

/** The apostrophe of a name is part of it, a quote around it is not; rarer signs before the "@" are left behind. */
const EMAIL =
  /(?<![\p{L}\p{N}._%+-])(?!(?<=\p{L}')\p{L})(?:[\p{L}\p{N}._%+-]|(?<=\p{L})'(?=\p{L}))*(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}[\p{L}\p{N}-]+/giu;

/** The values that Postgres repeats in its messages and details. */
const KEY_DETAIL =
  /\b(key \([^\n]{0,300}?\)=\()[\s\S]*?(\)(?= already exists| is not present| is still referenced| conflicts|\.|$)|$)/gi;
const FAILING_ROW = /\b(failing row contains \()[\s\S]*/gi;
const PARAMETERS = /\b(parameters: )\$1 = [\s\S]*/gi;
const INVALID_INPUT = /\b(invalid (?:input|value|byte)[^\n":]{0,120}: )"[\s\S]*/gi;
const QUOTED_VALUE = /((?:\bnear|\bvalue|\buser|\brole|:)\s{1,2})"(?:[^"\\]|\\[\s\S])*\\?(?:"|$)/gi;

/**
 * One pass of all rules over a text. Each is linear in its length: no repetition can match what its neighbour matches,
 * and what looks ahead for an end is bounded or takes everything when there is none.
 */
export function hideSecrets(text: string): string {
  const withoutCredentials = hideUrlSecrets(text.replace(HEADER, `$1$2${REMOVED}`))
    .replace(PASSWORD, `$1${REMOVED}`)
    .replace(NAMED, `$1${REMOVED}`)
    .replace(SCHEME, `$1${REMOVED}`)
    .replace(JWT, REMOVED)
    .replace(MARKED, REMOVED)
    .replace(EMAIL, REMOVED);
  const withoutValues = hideRandomRuns(withoutCredentials)
    .replace(KEY_DETAIL, `$1${REMOVED}$2`)
    .replace(FAILING_ROW, `$1${REMOVED})`)
    .replace(PARAMETERS, `$1${REMOVED}`)
    .replace(INVALID_INPUT, '$1"?"')
    .replace(QUOTED_VALUE, '$1"?"');
  return hideSqlLiterals(withoutValues);
}

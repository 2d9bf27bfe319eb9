/** Where the reports go: a DSN that was checked. */
export interface Dsn {
  readonly text: string;
}

/** Off without one; a mistake is a sentence for the operator, without what was there, for that may be a secret. */
type DsnReading =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly dsn: Dsn }
  | { readonly kind: "mistake"; readonly mistake: string };

/** What toucan-js reads too: it takes a DSN of any other form for none, and writes it into the log. */
const DSN = /^https?:\/\/\w+(?::\w*)?@[\w.-]+(?::\d{1,5})?\/(?:[\w./-]*\/)?\d+$/;

/** Reads the variable `SENTRY_DSN`. */
export function readDsn(text: string | undefined): DsnReading {
  if (text === undefined || text.trim() === "") return { kind: "off" };
  const dsn = text.trim();
  if (DSN.test(dsn) && URL.canParse(dsn)) return { kind: "on", dsn: { text: dsn } };
  return { kind: "mistake", mistake: `SENTRY_DSN ${whatIsWrong(dsn)}: copy it from the project's settings in Sentry.` };
}

function whatIsWrong(text: string): string {
  if (!/^https?:\/\//.test(text)) return "does not begin with https://";
  if (!/^https?:\/\/\w+(?::\w*)?@/.test(text)) return "has no public key before an @";
  if (!/\/\d+$/.test(text)) return "does not end with the number of a project";
  return "is not https://<public key>@<host>/<project number>";
}

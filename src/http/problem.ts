/** One kind of problem (RFC 9457), as `docs/errors.md` explains it. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What happened, and what whoever got it can do. Markdown, for `docs/errors.md`. */
  readonly meaning: string;
}

/** One field of the input that is wrong, and why. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemDetails {
  /** What is wrong this time, safe to show. Defaults to none: the kind's title says it. */
  readonly detail?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Further members of the answer's body. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
  /** Further headers, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Thrown to answer with a problem; `slug` names a kind of the registry the router was given. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly slug: string;
  readonly details: ProblemDetails;

  constructor(slug: string, details: ProblemDetails = {}) {
    super(details.detail ?? slug);
    this.slug = slug;
    this.details = details;
  }
}

/** The problem `invalid-request`, naming the fields. */
export function invalidRequest(errors: readonly FieldError[]): ProblemError {
  return new ProblemError("invalid-request", { errors });
}

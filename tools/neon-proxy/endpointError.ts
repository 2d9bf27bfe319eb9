/** The fields of an error answer, in the order of Neon's own. Absent ones are written as null. */
export interface ErrorFields {
  readonly message: string;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
  readonly severity?: string | undefined;
  readonly where?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly schema?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: string | undefined;
  readonly routine?: string | undefined;
}

/** A request that ends in an error answer: `status`, and `body` as JSON text. Source: Neon's proxy, `sql_over_http`. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
  readonly status: number;
  readonly body: string;

  private constructor(status: number, message: string, body: unknown, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.body = JSON.stringify(body);
  }

  /** The usual shape. What does not come from Postgres has `code` and `severity` empty and the rest null. */
  static of(status: number, fields: ErrorFields, cause?: unknown): EndpointError {
    return new EndpointError(status, fields.message, errorBody(fields), cause);
  }

  /** The router's shape, for what never reached a database: 408, 429 and 503. */
  static router(status: number, msg: string): EndpointError {
    return new EndpointError(status, msg, { msg });
  }
}

function errorBody(fields: ErrorFields): Record<string, string | null> {
  return {
    message: fields.message,
    code: fields.code ?? "",
    detail: fields.detail ?? null,
    hint: fields.hint ?? null,
    position: fields.position ?? null,
    internalPosition: fields.internalPosition ?? null,
    internalQuery: fields.internalQuery ?? null,
    severity: fields.severity ?? "",
    where: fields.where ?? null,
    table: fields.table ?? null,
    column: fields.column ?? null,
    schema: fields.schema ?? null,
    dataType: fields.dataType ?? null,
    constraint: fields.constraint ?? null,
    file: fields.file ?? null,
    line: fields.line ?? null,
    routine: fields.routine ?? null,
  };
}

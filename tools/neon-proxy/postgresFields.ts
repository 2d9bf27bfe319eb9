import type pg from "pg";
import type { ErrorFields } from "./endpointError.ts";

/** A Postgres error's own fields, under the names Neon gives them. */
export function postgresFields(error: pg.DatabaseError): ErrorFields {
  const { message, code, detail, hint, position, internalPosition, internalQuery, severity, where } = error;
  const { table, column, schema, dataType, constraint, file, line, routine } = error;
  return {
    message,
    ...{ code, detail, hint, position, internalPosition, internalQuery, severity, where },
    ...{ table, column, schema, dataType, constraint, file, line, routine },
  };
}

import type { Database } from "./database.ts";
import type { DatabaseState } from "./databaseState.ts";
import { read } from "./read.ts";
import { type RequestOptions, RequestScope } from "./requestScope.ts";
import { claim, readMark } from "./settle.ts";
import { write } from "./write.ts";

/** A `Database` for one request, and the `close` that gives its connections back. */
export function openDatabase(state: DatabaseState, options: RequestOptions): Database & { close(): Promise<unknown> } {
  const scope = new RequestScope(state, options);
  return {
    read: (statement, readOptions) => read(scope, statement, readOptions),
    write: (statements, writeOptions) => write(scope, statements, writeOptions),
    claim: (mark, tags) => claim(scope, mark, tags),
    mark: (id) => readMark(scope, id),
    routes: scope.routes,
    timings: scope.timings,
    close: () => scope.close(),
  };
}

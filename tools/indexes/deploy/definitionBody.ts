/**
 * What makes two indexes the same: everything of pg_get_indexdef but the names of index and table. Two definitions that
 * the same server printed under the same search_path are equal exactly when their bodies are.
 */
export function definitionBody(definition: string): string {
  const unique = /^CREATE UNIQUE INDEX /.test(definition) ? "UNIQUE " : "";
  const at = definition.indexOf(" USING ");
  return at < 0 ? definition : `${unique}${definition.slice(at + 1)}`;
}

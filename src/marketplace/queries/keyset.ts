import type { Page } from "./listPitches.ts";

/**
 * The end of a list, newest first: what lies beyond the page before, the order, and one row more than the page. Adds
 * its values to `values`; `time` and `id` are the columns that the list is sorted by.
 */
export function keyset(
  { time, id }: { readonly time: string; readonly id: string },
  { after, limit }: Page,
  values: (string | number)[],
): string {
  const bind = (value: string | number) => `$${values.push(value)}`;
  const beyond = after ? `  AND (${time}, ${id}) < (${bind(after.key)}::timestamptz, ${bind(after.id)}::uuid)\n` : "";
  return `${beyond}ORDER BY ${time} DESC, ${id} DESC\nLIMIT ${bind(limit + 1)}`;
}

/** A name as SQL writes it, in quotes or not: the source of a regular expression. */
export const IDENTIFIER = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\w$]*)`;

/** The name itself, without the quotes that SQL needs for it. */
export function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}

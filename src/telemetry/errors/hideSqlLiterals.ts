/**
 * Upper-case keywords, as our own SQL has them (without DELETE, which is HTTP's too), a parameter with its value, or
 * lower-case SQL that is surely no English.
 */
const LOOKS_LIKE_SQL =
  /\b(?:SELECT|INSERT|UPDATE|FROM|WHERE|VALUES|RETURNING|SET|JOIN|I?LIKE|BETWEEN|LIMIT|EXECUTE)\b|\$\d{1,5} = |\b(?:insert\s{1,9}into|delete\s{1,9}from|values\s{0,9}\()/;
const LOWER_CASE_SQL = /\bselect\b/;
const LOWER_CASE_FROM = /\bfrom\b/;
const LOWER_CASE_WHERE = /\bwhere\b/;

/**
 * In this order, left to right, so that a number or a `$` inside a string is part of the string: E'…' with its escapes;
 * '…' unless it is an apostrophe of English; $tag$…$tag$; numbers that are no part of a name or a parameter. What is
 * not closed goes to the end. No alternative can fail after it began, so none is tried twice.
 */
const LITERAL =
  /(?<![a-z0-9_])e'(?:[^'\\]|\\[\s\S]|'')*\\?(?:'|$)|(?!(?<=[a-z])'(?:t|s|re|ve|ll|d|m)\b)(?!(?<=[a-z]s)'\s)'(?:[^']|'')*(?:'|$)|\$(?<tag>(?:[a-z_]\w{0,30})?)\$[\s\S]*?(?:\$\k<tag>\$|$)|(?<![\w$.])\d[\d_.]*(?:e[+-]?\d+)?(?!\w)/gi;

/** Hides the literals of a text that holds SQL; any other text stays as it is, for there quotes name things. */
export function hideSqlLiterals(text: string): string {
  if (!looksLikeSql(text)) return text;
  return text.replace(LITERAL, (literal) => (/^\d/.test(literal) ? "?" : "'?'"));
}

function looksLikeSql(text: string): boolean {
  if (LOOKS_LIKE_SQL.test(text)) return true;
  return LOWER_CASE_WHERE.test(text) ? text.includes("=") : LOWER_CASE_SQL.test(text) && LOWER_CASE_FROM.test(text);
}

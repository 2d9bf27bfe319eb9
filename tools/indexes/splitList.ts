/** Reads SQL as far as parentheses, commas and quotes go. */

/** Where the parenthesis at `open` is closed; quoted text is passed over. @throws where it is not. */
export function matchingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (character === "'" || character === '"') at = text.indexOf(character, at + 1);
    if (at < 0) break;
    if (character === "(") depth++;
    if (character === ")" && --depth === 0) return at;
  }
  throw new Error(`A parenthesis or quote is not closed: ${text.slice(open)}`);
}

/** The parts of a list between commas that stand in no parentheses and no quotes, trimmed. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "(") at = matchingParenthesis(text, at);
    if (character === "'" || character === '"') at = text.indexOf(character, at + 1);
    if (at < 0) throw new Error(`A quote is not closed: ${text}`);
    if (character === ",") {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === "" && parts.length === 0 ? [] : [...parts, last];
}

/** The parts that accounts play in others' fields. */
const PEOPLE = /^(user|person|account|creator|requester|investor|recipient|sender|actor|with|follower|owner)$/;

/** One of them: `pitch` for `pitches`, `nda-request` for `nda-requests`, `user` for `userId` and `creator`. */
export function kindOf(name: string): string {
  const bare = name.replace(/_?ids?$/i, "");
  const one = bare.replace(/(ch|sh|ss|x)es$/, "$1").replace(/([^s])s$/, "$1");
  return PEOPLE.test(one) ? "user" : one;
}

/** What a path parameter is the id of, by its name or by the segment before it. */
export function parameterKind(template: string, name: string): string {
  if (name !== "id") return kindOf(name);
  const segments = template.split("/");
  return kindOf(segments[segments.indexOf(`{${name}}`) - 1] ?? name);
}

/** What the answers of an operation are about: the last word of its path, or, where that is an action, the one before. */
export function answerKind(method: string, template: string): string {
  const words = template.split("/").filter((word) => word !== "" && !word.startsWith("{"));
  const isAction = method !== "GET" && template.includes("}/") && !template.endsWith("}") && !template.endsWith("s");
  return kindOf((isAction ? words.at(-2) : words.at(-1)) ?? template);
}

import { MAX_CAUSES, MAX_ENTRIES, MAX_FRAME_CHARS, MAX_FRAMES, MAX_READ_CHARS } from "./constants.ts";

/** What an error says of itself, as it stands: not scrubbed. */
export interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  /** The lines `at …` of its stack, the place of the throw first. */
  readonly frames: readonly string[];
  /** Whatever else it carries, such as `sqlstate`. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Told apart by themselves, so not as details. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set(["name", "message", "code", "stack", "cause", "errors"]);

/**
 * The error and its causes, outermost first; of several errors in one the first. Takes whatever was thrown and never
 * throws: prototypes do not survive RPC, and a getter may throw.
 */
export function describeError(error: unknown): readonly [DescribedError, ...DescribedError[]] {
  const described: [DescribedError, ...DescribedError[]] = [describeOne(error)];
  const seen = new Set([error]);
  let cause = causeOf(error);
  while (cause !== undefined && cause !== null && !seen.has(cause) && described.length < MAX_CAUSES) {
    described.push(describeOne(cause));
    seen.add(cause);
    cause = causeOf(cause);
  }
  return described;
}

function describeOne(error: unknown): DescribedError {
  if (typeof error !== "object" || error === null) {
    return { name: "Thrown", message: textOf(error), code: undefined, frames: [], details: {} };
  }
  const message = read(error, "message");
  const code = read(error, "code");
  const text = typeof message === "string" ? message : "";
  return {
    name: textOf(read(error, "name") ?? "Thrown"),
    message: text,
    code: typeof code === "string" || typeof code === "number" ? String(code) : undefined,
    frames: framesOf(read(error, "stack"), text),
    details: detailsOf(error),
  };
}

function causeOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  const errors = read(error, "errors");
  return read(error, "cause") ?? (isList(errors) ? read(errors, "0") : undefined);
}

/** The message stands in the stack too, and may be of any length and hold lines that look like frames. */
function framesOf(stack: unknown, message: string): readonly string[] {
  if (typeof stack !== "string") return [];
  const start = message === "" ? -1 : stack.indexOf(message);
  const part = start >= 0 ? stack.slice(start + message.length) : stack.slice(-MAX_READ_CHARS);
  return part
    .slice(0, MAX_READ_CHARS)
    .split("\n")
    .filter((line) => line.length <= MAX_FRAME_CHARS && /^ {0,8}at /.test(line))
    .slice(0, MAX_FRAMES);
}

function detailsOf(error: object): Readonly<Record<string, unknown>> {
  try {
    const names = Object.keys(error).filter((name) => !KNOWN_FIELDS.has(name));
    return Object.fromEntries(names.slice(0, MAX_ENTRIES).map((name) => [name, read(error, name)]));
  } catch {
    return {}; // a proxy that does not tell
  }
}

function isList(value: unknown): value is object {
  try {
    return Array.isArray(value);
  } catch {
    return false; // a proxy that was revoked
  }
}

function read(value: object, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "Thrown"; // an object without a way to become text
  }
}

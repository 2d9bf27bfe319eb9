import type * as z from "zod/mini";
import { untextualFields } from "./checkText.ts";
import { MAX_BODY_BYTES, READ_BODY_MS } from "./constants.ts";
import { fieldErrors } from "./fieldErrors.ts";
import { invalidRequest, ProblemError } from "./problem.ts";

/** A body as it came, and what the schema made of it. */
export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly value: unknown;
}

const UTF_8 = /^charset\s*=\s*"?utf-8"?$/;

/** Reads, decodes and checks a JSON body. Throws `ProblemError` for everything that is wrong with it. */
export async function readBody(request: Request, schema: z.ZodMiniType): Promise<ReadBody> {
  if (!isJson(request.headers.get("content-type") ?? "")) throw new ProblemError("unsupported-media-type");
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") throw new ProblemError("unsupported-media-type");
  const bytes = await readBytes(request);
  const source = decode(bytes);
  const parsed = parseJson(source);
  const untextual = untextualFields(parsed, source);
  if (untextual.length > 0) throw invalidRequest(untextual);
  const checked = schema.safeParse(parsed);
  if (!checked.success) throw invalidRequest(fieldErrors(checked.error.issues));
  return { bytes, value: checked.data };
}

/** `application/json`, in UTF-8 if it says so. Split, not matched as a whole: one pattern for all of it is quadratic. */
function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const isUtf8 = (parameter: string) => !parameter.startsWith("charset") || UTF_8.test(parameter);
  return type === "application/json" && parameters.every(isUtf8);
}

/** The body's bytes, counted while they come: `Content-Length` is only a reason to refuse earlier. */
async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw new ProblemError("body-too-large");
  if (!request.body) return new Uint8Array(0);
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => undefined);
  }, READ_BODY_MS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.byteLength;
      if (size > MAX_BODY_BYTES) {
        void reader.cancel().catch(() => undefined);
        throw new ProblemError("body-too-large");
      }
      chunks.push(next.value);
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(isLate ? "body-too-slow" : "malformed-body", { detail: "The body broke off." });
  } finally {
    clearTimeout(timer);
  }
  if (isLate) throw new ProblemError("body-too-slow");
  return joined(chunks, size);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function decode(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new ProblemError("malformed-body", { detail: "The body is not valid UTF-8." });
  }
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    const detail = source.trim() === "" ? "The body is empty." : "The body is not valid JSON.";
    throw new ProblemError("malformed-body", { detail });
  }
}

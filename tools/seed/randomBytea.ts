import type { Random } from "./random.ts";

/** So many bytes, a multiple of four, as COPY reads a `bytea`. */
export function randomBytea(length: number, random: Random): string {
  let hex = "\\x";
  for (let done = 0; done < length; done += 4) hex += random.uint32().toString(16).padStart(8, "0");
  return hex;
}

const encoder = new TextEncoder();

/** How long a value is as JSON, in bytes. */
export function bytesOf(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).byteLength;
}

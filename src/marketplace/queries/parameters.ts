/** Bytes, given in hexadecimal, as a parameter. */
export function bytea(hex: string): string {
  return `\\x${hex}`;
}

/** A time as a parameter. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

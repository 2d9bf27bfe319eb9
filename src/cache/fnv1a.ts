const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

const encoder = new TextEncoder();

/** FNV-1a (Fowler, Noll, Vo) of the text's UTF-8: 32 bits, cheap and well spread; nothing that keeps a secret. */
export function fnv1a(text: string): number {
  let hash = OFFSET;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

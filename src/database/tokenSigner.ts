import * as z from "zod/mini";
import { type Token, tokenSchema } from "../replicas/session/token.ts";
import { uuidMs } from "./uuid.ts";

/** After this long without a request nothing is owed any more: replicas that are further behind are in no rotation. */
const TOKEN_LIFE_MS = 3_600_000;

/** Nobody knows of a mark any more whose partition is dropped, from a day on; every node in rotation has had it for hours. */
const MARK_LIFE_MS = 12 * 3_600_000;

/** Servers' clocks differ; a token from further ahead was made by nobody of ours. */
const CLOCK_SKEW_MS = 60_000;

/** No token of ours is longer: four marks and a place, or seven marks, and eight writes of twelve buckets. A cookie holds 4,096. */
export const MAX_TOKEN_CHARS = 3_200;

const VERSION = "1";
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

const signedSchema = z.object({ ...tokenSchema.shape, at: z.number() });

/**
 * Session tokens as text that nobody else can make: the first key signs, all verify, so that keys can be replaced one
 * after the other. `1.<content>.<signature>`, both base64url; opaque to whoever carries it.
 */
export class TokenSigner {
  readonly #keys: readonly string[];
  /** Keys, never promises of them: those belong to the request that made them. */
  readonly #imported = new Map<string, CryptoKey>();

  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  /** Throws where there is no key. */
  async sign(token: Token, now: number): Promise<string> {
    const [first] = this.#keys;
    if (first === undefined) throw new Error("there is no key to sign with");
    const content = new TextEncoder().encode(JSON.stringify({ ...token, at: now }));
    const signature = await crypto.subtle.sign(HMAC.name, await this.#key(first), content);
    return [VERSION, toText(content), toText(new Uint8Array(signature))].join(".");
  }

  /** The token, or undefined: forged, cut short, of another installation, too old, of another version. Never throws. */
  async read(text: string, now: number): Promise<Token | undefined> {
    if (text.length > MAX_TOKEN_CHARS) return undefined;
    const [version, contentText, signatureText, ...rest] = text.split(".");
    const content = fromText(contentText);
    const signature = fromText(signatureText);
    if (version !== VERSION || !content || !signature || rest.length > 0) return undefined;
    if (!(await this.#isOurs(content, signature))) return undefined;
    const read = signedSchema.safeParse(parse(content));
    if (!read.success) return undefined;
    const { at, seen, marks, shared } = read.data;
    if (at > now + CLOCK_SKEW_MS || now - at > TOKEN_LIFE_MS) return undefined;
    const isKnown = ({ id }: { readonly id: string }) => id === "" || now - uuidMs(id) < MARK_LIFE_MS;
    return { seen, marks: marks.filter(isKnown), ...(shared && { shared: shared.filter(isKnown) }) };
  }

  async #isOurs(content: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
    for (const text of this.#keys) {
      if (await crypto.subtle.verify(HMAC.name, await this.#key(text), signature, content)) return true;
    }
    return false;
  }

  async #key(text: string): Promise<CryptoKey> {
    const known = this.#imported.get(text);
    if (known) return known;
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(text), HMAC, false, ["sign", "verify"]);
    this.#imported.set(text, key);
    return key;
  }
}

function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Undefined: not what `toText` makes, of which each content has exactly one. */
function fromText(text: string | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (!text || !/^[\w-]+$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    return toText(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function parse(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}

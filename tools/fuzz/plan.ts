import type { Operation } from "./apiOperations.ts";

/** Stands in a plan for something that the lane learns from answers, such as an id; `at`, from 0 to 1, says which one. */
export class Pick {
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }
}

/** JSON in which picks stand for what is not known yet. */
export type Drafted = unknown;

/** Who asks: accounts of the lane's own, nobody, or somebody with a token that was never given out. */
export const ASKERS = ["creator-1", "creator-2", "investor", "production", "nobody", "stranger"] as const;
export type Asker = (typeof ASKERS)[number];

/** An input as the seed makes it, before anything is known of the answers. */
export interface Plan {
  readonly operation: Operation;
  readonly asker: Asker;
  readonly credential: "bearer" | "cookie" | "foreign-cookie";
  readonly params: Readonly<Record<string, Drafted>>;
  readonly query: Readonly<Record<string, Drafted>>;
  readonly body: Drafted;
  readonly idempotencyKey: string | undefined;
  /** Continues a list that was seen before, with its filters and its cursor. */
  readonly follows: Pick | undefined;
  /** What is done to the request when it is otherwise as it should be. */
  readonly twist: Twist | undefined;
}

/** One thing that is wrong or odd. `at`, from 0 to 1, says where. */
export type Twist =
  | { readonly kind: "replace-value" | "repeat-value"; readonly at: number; readonly value: unknown }
  | { readonly kind: "drop-value"; readonly at: number }
  | { readonly kind: "add-field"; readonly at: number; readonly name: string; readonly value: unknown }
  | { readonly kind: "whole-body"; readonly value: unknown }
  | { readonly kind: "bytes"; readonly how: BytesTwist }
  | { readonly kind: "segment"; readonly at: number; readonly text: string }
  | { readonly kind: "path"; readonly suffix: string }
  | { readonly kind: "query"; readonly at: number; readonly text: string }
  | { readonly kind: "query-twice" | "query-drop"; readonly at: number }
  | { readonly kind: "header"; readonly name: string; readonly value: string }
  | { readonly kind: "method"; readonly method: string };

/** What can be wrong with a body that is not seen in its JSON. */
export const BYTES_TWISTS = [
  "empty",
  "truncated",
  "trailing-text",
  "bad-utf-8",
  "byte-order-mark",
  "utf-16",
  "huge-number",
  "deep-arrays",
  "deep-objects",
  "field-twice",
  "prototype",
  "escaped-surrogate",
  "not-quite-too-large",
  "too-large",
] as const;
export type BytesTwist = (typeof BYTES_TWISTS)[number];

import { ours } from "./ours.ts";
import { bentocache } from "./peers/bentocache.ts";
import { cachifiedCache } from "./peers/cachified.ts";
import { lruCache } from "./peers/lruCache.ts";
import type { MakeSubject } from "./subject.ts";

export const PEERS = ["lru-cache", "cachified", "bentocache"] as const;
export const SUBJECTS = ["ours", ...PEERS] as const;
export type SubjectName = (typeof SUBJECTS)[number];

export const MAKE: Readonly<Record<SubjectName, MakeSubject>> = {
  ours,
  "lru-cache": lruCache,
  cachified: cachifiedCache,
  bentocache,
};

import { GENRES } from "../../src/marketplace/lists.ts";
import { Random } from "../../tools/seed/random.ts";
import { BODY_BYTES, GENRE_LISTS, KEYS, KINDS, type Kind, MIX, ZIPF_EXPONENT } from "./constants.ts";

/** What can be asked for: one key of each rank, the hottest first. */
export interface Item {
  readonly key: string;
  readonly kind: Kind;
  readonly bodyBytes: number;
  /** The tags that the answer carries. */
  readonly tags: readonly string[];
  /** Of a pitch: what a write of it touches, as the marketplace's own writes do. */
  readonly touches: readonly string[];
}

/** Kinds are dealt out by rank so that each has its share of the requests among the hottest, the middling and the cold. */
export function catalogueOf(seed: number, keys: number = KEYS): readonly Item[] {
  const random = new Random(seed);
  const given: Record<Kind, number> = { browse: 0, pitch: 0, search: 0 };
  let total = 0;
  return Array.from({ length: keys }, (_, rank) => {
    const weight = (rank + 1) ** -ZIPF_EXPONENT;
    total += weight;
    const kind = KINDS.reduce((a, b) => (MIX[b] * total - given[b] > MIX[a] * total - given[a] ? b : a));
    given[kind] += weight;
    return itemOf(kind, rank, random);
  });
}

function itemOf(kind: Kind, rank: number, random: Random): Item {
  const [least, most] = BODY_BYTES[kind];
  const bodyBytes = least + random.below(most - least + 1);
  const genre = random.pick(GENRES);
  const isOfGenre = random.next() < GENRE_LISTS;
  switch (kind) {
    case "pitch": {
      const creator = `${random.below(10_000)}`;
      const touches = ["pitches", `pitch:${rank}`, `genre:${genre}`, `user:${creator}`, `account:${creator}`];
      return { key: `/api/pitches/${uuidLike(rank)}`, kind, bodyBytes, tags: [`pitch:${rank}`], touches };
    }
    case "browse":
    case "search": {
      const path = kind === "browse" ? "/api/pitches" : "/api/pitches/search";
      const filter = isOfGenre ? `genre=${genre}&` : "";
      const tags = [isOfGenre ? `genre:${genre}` : "pitches"];
      return { key: `${path}?${filter}cursor=${uuidLike(rank)}`, kind, bodyBytes, tags, touches: [] };
    }
    default:
      return kind satisfies never;
  }
}

/** As long as an id. */
function uuidLike(rank: number): string {
  return rank.toString(16).padStart(36, "0");
}

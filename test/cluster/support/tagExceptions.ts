/** A write that touches what a shared answer reads, and need not make it old. */
interface Exception {
  /** A route, or the name of a cron's statement. */
  readonly write: string;
  readonly shared: readonly string[];
  /** Columns, and relations where whole rows come or go: these and no others. */
  readonly meets: readonly string[];
  readonly why: string;
}

const LISTS = ["GET /api/pitches", "GET /api/pitches/search", "GET /api/trending"];

/** A new write or route that lacks its tags stands in no line of these; a line that nothing needs any more is refused. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    write: "POST /api/pitches",
    shared: LISTS,
    meets: ["pitches", "pitch_counters"],
    why: "A new pitch is a draft, and no list shows drafts: to publish it is another write.",
  },
  {
    write: "POST /api/auth/register",
    shared: [...LISTS, "GET /api/pitches/:id"],
    meets: ["users"],
    why: "Lists show accounts beside their pitches, and a new one has none.",
  },
  {
    write: "statistics.fold",
    shared: ["GET /api/pitches", "GET /api/pitches/search", "GET /api/pitches/:id", "GET /api/users/:id/pitches"],
    meets: [
      "pitch_counters.likes",
      "pitch_counters.score",
      "pitch_counters.genre",
      "pitch_counters.format",
      "pitch_counters.production_stage",
    ],
    why: "Likes and views beside a pitch are old by nature; to make every list and pitch old each five minutes would cost more than it shows. Bounded by `fresh`. What is ordered or counted by them has the fold's tag.",
  },
];

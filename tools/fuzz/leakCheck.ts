/** Text that was planted in private data, and who may be shown it. */
export interface Marker {
  readonly text: string;
  /** What it is, for whoever reads the finding. */
  readonly what: string;
  /** Ids of accounts. */
  readonly mayBeSeenBy: readonly string[];
}

/** What was shown, and to whom. */
interface Shown {
  /** The answer's headers and body. */
  readonly text: string;
  /** The account's id; undefined: nobody is signed in. */
  readonly accountId: string | undefined;
  /** What was asked: an answer may repeat it. */
  readonly asked: string;
}

/** What no answer may say, to anybody: words of the driver, of Postgres, of our own source. */
const INNER_WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /SQLSTATE|syntax error at|duplicate key value|violates [\w-]+ constraint|invalid input (syntax|value) for/i,
    "words of Postgres",
  ],
  [/\b(relation|column|constraint|function) \\?"[\w.]+\\?"/i, "a name of the schema"],
  [/\bpg_(catalog|toast|temp|class|type|proc|stat\w*|advisory\w*|sleep)\b/, "a name of the catalogue"],
  [
    /\b(users|sessions|pitches|ndas|messages|conversations|breakwater)_\w+_(check|key|fkey|pkey)\b/,
    "a constraint's name",
  ],
  [/\b(password_hash|token_hash|storage_key|user_id|created_at)\b/, "a column's name"],
  [/\$argon2id\$/, "a password's hash"],
  [/postgres(ql)?:\/\//i, "a connection string"],
  [/NeonDbError|neondatabase|neon\.tech|breakwater\.local|DATABASE_URL/i, "the driver, or where the database is"],
  [
    /\bat (async )?[\w.<>$ ]{1,80}\([^()\s]+:\d+:\d+\)|\bat [^\s":]*[a-z./][^\s"]*:\d+:\d+|\bfile:\/\/\/|\w\.(ts|js|mjs):\d+/,
    "a stack trace",
  ],
  [/\b(TypeError|RangeError|ReferenceError|SyntaxError|ZodError|DatabaseError)\b/, "the name of an error's class"],
];

/** Sentences about what an answer gives away; none: nothing. */
export type LeakCheck = (shown: Shown) => readonly string[];

/**
 * Looks for inner words, and for planted text that is shown to somebody who may not see it. Most markers begin with
 * `word`, and are looked for only where that is; `markers` may grow meanwhile.
 */
export function leakCheck(word: string, markers: readonly Marker[]): LeakCheck {
  return ({ text, accountId, asked }) => {
    const words = INNER_WORDS.flatMap(([pattern, what]) => {
      const found = pattern.exec(text)?.[0];
      return found === undefined || asked.includes(found) ? [] : [`it shows ${what}: ${found}`];
    });
    const hasWord = text.includes(word);
    const seen = markers.filter(({ text: planted }) => {
      return (hasWord || !planted.startsWith(word)) && text.includes(planted) && !asked.includes(planted);
    });
    const stolen = seen.filter(({ mayBeSeenBy }) => accountId === undefined || !mayBeSeenBy.includes(accountId));
    return [...words, ...stolen.map(({ what }) => `it shows ${what}`)];
  };
}

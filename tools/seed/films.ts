import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { z } from "zod";

const filmSchema = z.object({
  Title: z.union([z.string(), z.number()]).nullable(),
  "Major Genre": z.string().nullable(),
  Director: z.string().nullable(),
  "IMDB Votes": z.number().nullable(),
  "IMDB Rating": z.number().nullable(),
});

/** A film of the data set, in the marketplace's terms. */
export interface Film {
  readonly title: string;
  readonly genre: string;
  /** Undefined where the data names nobody. */
  readonly director: string | undefined;
  /** How many people cared: the base of a pitch's popularity. */
  readonly votes: number;
}

const GENRES: Readonly<Record<string, string>> = {
  Drama: "drama",
  Comedy: "comedy",
  Action: "action",
  Adventure: "adventure",
  "Thriller/Suspense": "thriller",
  Horror: "horror",
  "Romantic Comedy": "romantic-comedy",
  Musical: "musical",
  Documentary: "documentary",
  Western: "western",
  "Black Comedy": "black-comedy",
  "Concert/Performance": "concert-performance",
};

/** The films of `vega-datasets` (BSD-3), in the order of the file; the one without a title is left out. */
export async function readFilms(): Promise<readonly Film[]> {
  const main = createRequire(import.meta.url).resolve("vega-datasets"); // build/…
  const text = await readFile(new URL("../data/movies.json", pathToFileURL(main)), "utf8");
  const films = z.array(filmSchema).parse(JSON.parse(text));
  return films.flatMap((film) => {
    if (film.Title === null) return [];
    return [
      {
        title: String(film.Title).trim(),
        genre: GENRES[film["Major Genre"] ?? ""] ?? "other",
        director: film.Director ?? undefined,
        votes: film["IMDB Votes"] ?? 18,
      },
    ];
  });
}

import type { Film } from "./films.ts";
import type { Person } from "./people.ts";
import { Random, zipf } from "./random.ts";
import { timedId } from "./timedId.ts";
import { DEEDS, HEROES, OBJECTS, PLACES, STAKES, SUBTITLES, TRAITS } from "./vocabulary.ts";
import { weighted } from "./weighted.ts";

/** A row of `pitches` with what was counted. Times are milliseconds since 1970. */
export interface Pitch {
  readonly id: string;
  readonly userId: string;
  readonly title: string;
  readonly logline: string;
  readonly genre: string;
  readonly format: string;
  readonly stage: string;
  readonly status: string;
  readonly createdAt: number;
  readonly likes: number;
  readonly views: number;
}

/** Pitches have come in over this time, ever more of them: half of them in its last third or so. */
const CAME_IN_OVER_MS = 4 * 365 * 86_400_000;

const FORMATS = [
  ["feature", 0.62],
  ["tv", 0.2],
  ["short", 0.1],
  ["webseries", 0.06],
  ["other", 0.02],
] as const;
const STAGES = [
  ["script", 0.3],
  ["development", 0.25],
  ["concept", 0.2],
  ["pre-production", 0.1],
  ["production", 0.07],
  ["post-production", 0.05],
  ["completed", 0.03],
] as const;
const STATUSES = [
  ["published", 0.85],
  ["draft", 0.1],
  ["archived", 0.05],
] as const;

/** Half of the ranked words make up most of all text, as in language. */
const heroAt = zipf(HEROES.length, 1.1);
const traitAt = zipf(TRAITS.length, 1.1);
const deedAt = zipf(DEEDS.length, 0.9);
const objectAt = zipf(OBJECTS.length, 1.1);
const stakeAt = zipf(STAKES.length, 1.0);

/**
 * The pitches, one by one, so that a million of them need no memory: first every film as it is, then variations of
 * them (sequels, settings, subtitles), owned by their director or, by a heavy-tailed draw, by others.
 */
export function* makePitches(
  films: readonly Film[],
  people: readonly Person[],
  count: number,
  seed: number,
  baseMs: number,
): Generator<Pitch> {
  const random = new Random(seed);
  const owners = new Map(people.map((person) => [person.name, person]));
  const creators = people.filter(({ role }) => role === "creator");
  const ownerAt = zipf(creators.length, 0.8);
  const [studio] = people;
  if (!studio) return;
  for (let index = 0; index < count; index++) {
    const film = films[index % films.length];
    if (!film) return;
    const round = Math.floor(index / films.length);
    const owner = round === 0 ? (owners.get(film.director ?? "") ?? studio) : (creators[ownerAt(random)] ?? studio);
    const since = Math.max(baseMs - CAME_IN_OVER_MS, owner.createdAt); // nobody pitches before his account is open
    const createdAt = Math.floor(baseMs - (baseMs - since) * (1 - Math.sqrt(random.next())));
    const status = weighted(STATUSES, random);
    const interest = Math.floor(Math.min(5_000_000, (film.votes / 10) ** 0.7 * random.pareto(1.3)));
    const views = status === "draft" ? 0 : interest; // seen by its owner alone
    const likes = Math.floor(views * 0.08 * random.next());
    yield {
      id: timedId(createdAt, random),
      userId: owner.id,
      title: titleOf(film.title, round, random),
      logline: loglineOf(random),
      genre: round === 0 || random.next() < 0.9 ? film.genre : (films[random.below(films.length)]?.genre ?? "other"),
      format: weighted(FORMATS, random),
      stage: weighted(STAGES, random),
      status,
      createdAt,
      likes,
      views,
    };
  }
}

function titleOf(title: string, round: number, random: Random): string {
  if (round === 0) return title.slice(0, 200);
  const base = title.slice(0, 150);
  switch (random.below(4)) {
    case 0:
      return `${base} ${2 + random.below(Math.min(3 + round, 8))}`;
    case 1:
      return `${base}: ${random.pick(SUBTITLES)}`;
    case 2:
      return `${base} in ${random.pick(PLACES)}`;
    default:
      return `The ${random.pick(PLACES)} ${base.replace(/^The /, "")}`;
  }
}

function loglineOf(random: Random): string {
  const hero = HEROES[heroAt(random)] ?? HEROES[0];
  const trait = TRAITS[traitAt(random)] ?? TRAITS[0];
  const deed = DEEDS[deedAt(random)] ?? DEEDS[0];
  const object = OBJECTS[objectAt(random)] ?? OBJECTS[0];
  const stake = STAKES[stakeAt(random)] ?? STAKES[0];
  const article = /^[aeiou]/.test(trait) ? "An" : "A";
  return `${article} ${trait} ${hero} from ${random.pick(PLACES)} ${deed} ${object} ${stake}.`;
}

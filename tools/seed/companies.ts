import { HOUR_MS } from "./constants.ts";
import type { Person } from "./people.ts";
import { BIOS, COMPANY_ENDINGS } from "./phrases.ts";
import type { Random } from "./random.ts";
import { stream } from "./stream.ts";
import { timedId } from "./timedId.ts";
import { FAMILY_NAMES, PLACES } from "./vocabulary.ts";

/** A row of `companies`. */
export interface Company {
  readonly id: string;
  readonly name: string;
  readonly website: string | undefined;
  readonly createdAt: number;
}

/** What an account tells of itself. */
export interface Profile {
  readonly companyId: string | undefined;
  readonly bio: string;
}

/** How many of each role work for a company. */
const EMPLOYED_SHARE = { creator: 0.1, investor: 0.4, production: 1 } as const;

/** Of those, so many join the company that the last one of their role founded: one to five people each, mostly one. */
const JOINS_SHARE = 0.45;

/** The companies, each founded by one of its people, and everybody's profile in the order of the people. */
export function makeCompanies(
  people: readonly Person[],
  seed: number,
): { readonly companies: readonly Company[]; readonly profiles: readonly Profile[] } {
  const random = stream(seed, "companies");
  const companies: Company[] = [];
  const latest: Partial<Record<Person["role"], Company>> = {};
  const profiles = people.map((person) => {
    const bio = random.next() < 0.7 ? random.pick(BIOS[person.role]) : "";
    if (random.next() >= EMPLOYED_SHARE[person.role]) return { companyId: undefined, bio };
    const known = latest[person.role];
    if (known && random.next() < JOINS_SHARE) return { companyId: known.id, bio };
    const company = foundedBy(person, companies.length, random);
    companies.push(company);
    latest[person.role] = company;
    return { companyId: company.id, bio };
  });
  return { companies, profiles };
}

function foundedBy(founder: Person, number: number, random: Random): Company {
  const createdAt = founder.createdAt + Math.ceil(HOUR_MS * random.next());
  const name = `${random.pick(random.next() < 0.5 ? FAMILY_NAMES : PLACES)} ${random.pick(COMPANY_ENDINGS)}`;
  const website = `https://${name.toLowerCase().replace(/[^a-z]+/g, "-")}-${number}.example.com`;
  return { id: timedId(createdAt, random), name, website: random.next() < 0.8 ? website : undefined, createdAt };
}

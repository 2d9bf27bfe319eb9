import { PITCH } from "./client.ts";
import { PASSWORD, type World, type WorldOptions } from "./world.ts";

/** A status for each of `ASKERS`, in their order. */
type Expected = readonly [number, number, number, number, number, number, number, number];

/** A request, and how each asker is answered. */
export interface Row {
  readonly route: string;
  /** What is special about it, in words. */
  readonly about?: string | undefined;
  readonly expected: Expected;
  readonly world?: WorldOptions | undefined;
  /** Default: the route's, with the ids of the creator's own things. */
  readonly path?: ((world: World) => string) | undefined;
  readonly json?: ((world: World) => unknown) | undefined;
  /** The slug of what is refused by other than who asks. */
  readonly problem?: string | undefined;
}

const DRAFT: WorldOptions = { status: "draft" };
const ARCHIVED: WorldOptions = { status: "archived" };
const NOBODY = "00000000-0000-7000-8000-000000000000";

const all = (status: number): Expected => [status, status, status, status, status, status, status, status];
const members = (status: number): Expected => [401, status, status, status, status, status, 401, 401];
/** Its creator, and nobody else who is signed in. */
const owner = (status: number, others: number): Expected => [401, status, others, others, others, others, 401, 401];

const PITCHES: readonly Row[] = [
  { route: "GET /api/pitches", expected: all(200) },
  { route: "GET /api/pitches/search", path: () => "/api/pitches/search?q=star", expected: all(200) },
  { route: "POST /api/pitches", json: () => PITCH, expected: members(201) },
  { route: "GET /api/trending", expected: all(200) },
  { route: "GET /api/genres", expected: all(200) },
  { route: "GET /api/pitches/:id", about: "published", expected: all(200) },
  { route: "GET /api/pitches/:id", about: "draft", world: DRAFT, expected: [404, 200, 404, 404, 404, 404, 404, 404] },
  {
    route: "GET /api/pitches/:id",
    about: "archived",
    world: ARCHIVED,
    expected: [404, 200, 404, 404, 404, 404, 404, 404],
  },
  ...changing("PATCH /api/pitches/:id", 200, () => ({ title: "Renamed" })),
  ...changing("POST /api/pitches/:id/publish", 200),
  ...changing("POST /api/pitches/:id/archive", 200),
  ...changing("POST /api/pitches/:id/documents", 201, () => {
    return { kind: "deck", title: "A deck", storageKey: crypto.randomUUID(), bytes: 1 };
  }),
  ...changing("DELETE /api/pitches/:id/documents/:documentId", 204),
  {
    route: "DELETE /api/pitches/:id/documents/:documentId",
    about: "another pitch's, by way of one's own",
    path: ({ pitch, otherDocument }) => `/api/pitches/${pitch}/documents/${otherDocument}`,
    expected: owner(404, 403),
  },
  {
    route: "DELETE /api/pitches/:id/documents/:documentId",
    about: "the creator's, by way of another's pitch",
    path: ({ otherPitch, document }) => `/api/pitches/${otherPitch}/documents/${document}`,
    expected: [401, 403, 404, 403, 403, 403, 401, 401],
  },
];

const AGREEMENTS: readonly Row[] = [
  { route: "GET /api/pitches/:id/full", about: "published", expected: [401, 200, 403, 200, 403, 403, 401, 401] },
  {
    route: "GET /api/pitches/:id/full",
    about: "the NDA expired",
    world: { nda: "expired" },
    expected: owner(200, 403),
  },
  {
    route: "GET /api/pitches/:id/full",
    about: "the NDA revoked",
    world: { nda: "revoked" },
    expected: owner(200, 403),
  },
  { route: "GET /api/pitches/:id/full", about: "draft", world: DRAFT, expected: owner(200, 404) },
  { route: "GET /api/pitches/:id/full", about: "archived", world: ARCHIVED, expected: owner(200, 404) },
  {
    route: "POST /api/pitches/:id/nda-requests",
    about: "published",
    json: () => ({ message: "Please." }),
    // Of the two 409, one has an NDA in force and the other a request that is pending.
    expected: [401, 403, 403, 409, 201, 409, 401, 401],
  },
  {
    route: "POST /api/pitches/:id/nda-requests",
    about: "draft",
    world: DRAFT,
    json: () => ({}),
    expected: owner(403, 404),
  },
  { route: "GET /api/nda-requests", path: () => "/api/nda-requests?box=in", expected: members(200) },
  {
    route: "POST /api/nda-requests/:id/decision",
    about: "approve",
    json: () => ({ decision: "approve" }),
    expected: [401, 200, 404, 404, 404, 403, 401, 401],
  },
  {
    route: "POST /api/nda-requests/:id/decision",
    about: "decline",
    json: () => ({ decision: "decline" }),
    expected: [401, 200, 404, 404, 404, 403, 401, 401],
  },
  {
    route: "POST /api/pitches/:id/investments",
    about: "published",
    json: () => ({ amount: 5_000 }),
    expected: [401, 403, 403, 200, 201, 403, 401, 401],
  },
  {
    route: "POST /api/pitches/:id/investments",
    about: "draft",
    world: DRAFT,
    json: () => ({ amount: 5_000 }),
    expected: owner(403, 404),
  },
  { route: "GET /api/me/investments", expected: members(200) },
  {
    route: "POST /api/investments/:id/state",
    about: "negotiating",
    json: () => ({ state: "negotiating" }),
    expected: [401, 200, 404, 403, 404, 404, 401, 401],
  },
  {
    route: "POST /api/investments/:id/state",
    about: "withdrawn",
    json: () => ({ state: "withdrawn" }),
    expected: [401, 403, 404, 200, 404, 404, 401, 401],
  },
];

const INTEREST: readonly Row[] = [
  { route: "PUT /api/pitches/:id/like", about: "published", expected: members(204) },
  { route: "PUT /api/pitches/:id/like", about: "draft", world: DRAFT, expected: owner(204, 404) },
  { route: "DELETE /api/pitches/:id/like", expected: members(204) },
  { route: "PUT /api/pitches/:id/save", about: "published", expected: members(204) },
  { route: "PUT /api/pitches/:id/save", about: "draft", world: DRAFT, expected: owner(204, 404) },
  { route: "DELETE /api/pitches/:id/save", expected: members(204) },
  { route: "GET /api/me/saved", expected: members(200) },
  { route: "POST /api/pitches/:id/views", about: "published", expected: all(202) },
  { route: "POST /api/pitches/:id/views", about: "draft", world: DRAFT, expected: all(202) },
  { route: "PUT /api/users/:id/follow", expected: owner(403, 204) },
  {
    route: "PUT /api/users/:id/follow",
    about: "a removed account",
    path: ({ removed }) => `/api/users/${removed}/follow`,
    expected: members(404),
  },
  { route: "DELETE /api/users/:id/follow", expected: members(204) },
  { route: "GET /api/me/following", expected: members(200) },
  { route: "GET /api/me/feed", expected: members(200) },
];

const PEOPLE: readonly Row[] = [
  { route: "GET /api/users/:id", expected: all(200) },
  {
    route: "GET /api/users/:id",
    about: "a removed account",
    path: ({ removed }) => `/api/users/${removed}`,
    expected: all(404),
  },
  { route: "GET /api/users/:id/pitches", expected: all(200) },
  {
    route: "GET /api/users/:id/pitches",
    about: "a removed account",
    path: ({ removed }) => `/api/users/${removed}/pitches`,
    expected: all(404),
  },
  { route: "GET /api/me/dashboard", expected: [401, 200, 200, 403, 403, 403, 401, 401] },
  { route: "PATCH /api/me", json: () => ({ bio: "About me." }), expected: members(200) },
  { route: "DELETE /api/me", expected: members(204) },
];

const MESSAGES: readonly Row[] = [
  {
    route: "POST /api/conversations",
    about: "to the creator",
    json: ({ creator }) => ({ recipientId: creator, message: "Hello." }),
    // 200: their thread is there already.
    expected: [401, 403, 201, 200, 201, 201, 401, 401],
  },
  {
    route: "POST /api/conversations",
    about: "to the creator, about a draft",
    world: DRAFT,
    json: ({ creator, pitch }) => ({ recipientId: creator, pitchId: pitch, message: "Hello." }),
    expected: owner(403, 404),
  },
  {
    route: "POST /api/conversations",
    about: "to a removed account",
    json: ({ removed }) => ({ recipientId: removed, message: "Hello." }),
    expected: members(404),
  },
  { route: "GET /api/me/conversations", expected: members(200) },
  { route: "GET /api/conversations/:id/messages", expected: [401, 200, 404, 200, 404, 404, 401, 401] },
  {
    route: "POST /api/conversations/:id/messages",
    json: () => ({ body: "Hello." }),
    expected: [401, 201, 404, 201, 404, 404, 401, 401],
  },
  { route: "POST /api/conversations/:id/read", expected: [401, 204, 404, 204, 404, 404, 401, 401] },
  { route: "GET /api/me/notifications", expected: members(200) },
  // The ids of others do nothing: see the attacks.
  {
    route: "POST /api/me/notifications/read",
    json: ({ notification }) => ({ ids: [notification] }),
    expected: members(200),
  },
];

const ACCOUNTS: readonly Row[] = [
  {
    route: "POST /api/auth/register",
    json: () => registration(`${crypto.randomUUID()}@case.example`),
    expected: all(201),
  },
  {
    route: "POST /api/auth/register",
    about: "a taken address",
    json: ({ email }) => registration(email),
    expected: all(409),
    problem: "email-taken",
  },
  { route: "POST /api/auth/login", json: ({ email }) => ({ email, password: PASSWORD }), expected: all(200) },
  {
    route: "POST /api/auth/login",
    about: "a wrong password",
    json: ({ email }) => ({ email, password: "wrong horse" }),
    expected: all(401),
    problem: "invalid-credentials",
  },
  { route: "POST /api/auth/logout", expected: all(204) },
  { route: "GET /api/auth/session", expected: members(200) },
  { route: "POST /api/auth/password-reset", json: ({ email }) => ({ email }), expected: all(202) },
  {
    route: "POST /api/auth/password-reset/confirm",
    json: ({ resetToken }) => ({ token: resetToken, password: "battery staple" }),
    expected: all(204),
  },
  {
    route: "POST /api/auth/password-reset/confirm",
    about: "a token that nobody was sent",
    json: () => ({ token: "t".repeat(43), password: "battery staple" }),
    expected: all(400),
    problem: "reset-token-invalid",
  },
  { route: "GET /api/me/sessions", expected: members(200) },
  { route: "DELETE /api/me/sessions", expected: members(204) },
  { route: "DELETE /api/me/sessions/:id", expected: owner(204, 404) },
  { route: "GET /api/outcomes/:id", expected: owner(200, 404) },
];

/** Every route of the marketplace, for everybody. */
export const TABLE: readonly Row[] = [...PITCHES, ...AGREEMENTS, ...INTEREST, ...PEOPLE, ...MESSAGES, ...ACCOUNTS];

/** What the creator of a pitch alone may do to it: others learn of published ones that they may not. */
function changing(route: string, done: number, json?: () => unknown): readonly Row[] {
  return [
    { route, about: "published", json, expected: owner(done, 403) },
    { route, about: "draft", world: DRAFT, json, expected: owner(done, 404) },
    { route, about: "archived", world: ARCHIVED, json, expected: owner(done, 404) },
    {
      route,
      about: "a pitch that is not there",
      json,
      path: ({ document }) => pathOf(route).replace(":id", NOBODY).replace(":documentId", document),
      expected: members(404),
    },
  ];
}

function registration(email: string) {
  return { email, password: PASSWORD, name: "Somebody", role: "creator" };
}

/** `GET /api/x` without the method. */
export function pathOf(route: string): string {
  return route.slice(route.indexOf(" ") + 1);
}

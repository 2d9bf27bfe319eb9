import type { Owed } from "../cache/owed.ts";
import type { Database } from "../database/database.ts";
import type { SharedDoor } from "./sharedDoor.ts";

/** What the Worker gives the router for one request. */
export interface Services {
  readonly database: Database;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Whether the request brought a session whose reads must hold what it wrote and saw. Default: none. */
  readonly hasSession?: boolean;
  /** Puts the session, as it stands after the request, on its answer. */
  readonly seal?: (headers: Headers) => Promise<void>;
  /** The shared answers of this isolate; undefined: there is no cache. */
  readonly shared?: SharedDoor | undefined;
  /** The session's writes that a shared answer must show. Default: none. */
  readonly owed?: () => readonly Owed[];
  /** Whether whoever sends this request may see which node answered it. */
  readonly exposesRoute: boolean;
  /** Answers instead of the routes (health, admin); undefined: the routes answer. May throw a problem. */
  readonly intercept?: (request: Request, url: URL) => Response | undefined | Promise<Response | undefined>;
  /** Told of every error that is a mistake of ours, with what may be logged. */
  readonly report: (error: unknown, facts: { readonly requestId: string; readonly path: string }) => void;
  /** Told of every request that was not intercepted, once it is answered. */
  readonly answered?: (facts: AnsweredRequest) => void;
}

/** A request that was answered. `route`: the template of its path; `other` where no route has it. */
export interface AnsweredRequest {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly ms: number;
  readonly requestId: string;
}

/** One request on its way through the router. */
export interface Call extends Services {
  readonly request: Request;
  readonly url: URL;
  readonly startedAt: number;
  readonly requestId: string;
  /** What the answer's headers must know of the route and the credentials; set as the request goes in. */
  isPersonal: boolean;
  varies: boolean;
  /** The matched route's template; undefined: intercepted, or none yet. */
  route: string | undefined;
}

/**
 * Many isolates for real: Workers of one script and different names in one workerd, each with its own module scope,
 * colo and environment, all bound to the objects of one host; with faults for those objects and for the colo's copy.
 */
import type { Bundle } from "../local/bundleWorker.ts";
import { startMiniflare } from "../local/startMiniflare.ts";
import { durableObjects, workerdOptions } from "../local/workerdOptions.ts";
import type { BreakableClass, CopyFault, ObjectFault } from "./bedFaults.ts";

const HOST = "host";
const ORDER_WITHIN_MS = 10_000;
const LOOPBACK = { host: "127.0.0.1", port: 0 };

export interface BedOptions {
  /** `bundleBed`'s. */
  readonly bundle: Bundle;
  readonly isolates: number;
  /** The Worker's variables and secrets, of the host as well (its Prober asks the database). */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the isolates are, in turn. Default: all in `FRA`. All are on one continent: one Collector. */
  readonly colos?: readonly string[];
  /** What one isolate's environment has besides. */
  readonly changes?: (index: number) => Readonly<Record<string, string>>;
  /** Default: they may use the Cache API. */
  readonly hasCache?: boolean;
}

export interface BedIsolate {
  readonly name: string;
  readonly colo: string;
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** What becomes of its uses of the Cache API from now on; null: nothing. Tells how many met the fault before. */
  breakCopy(fault: CopyFault | null): Promise<number>;
}

export interface Bed {
  readonly isolates: readonly BedIsolate[];
  readonly host: {
    /** What becomes of each call of that method from now on; `*`: of all that have no fault of their own. */
    fault(cls: BreakableClass, method: string, fault: ObjectFault): Promise<unknown>;
    /** Lifts all faults, calls that hang fail; tells how many calls met one. */
    clear(): Promise<number>;
  };
  /** May be called again. */
  close(): Promise<void>;
}

/** Starts host and isolates; with 20 of them this takes a second or two. */
export async function startBed(options: BedOptions): Promise<Bed> {
  const { bundle, environment, changes = () => ({}), colos = ["FRA"], hasCache = true } = options;
  const planned = Array.from({ length: options.isolates }, (_, index) => {
    const colo = colos[index % colos.length] ?? "FRA";
    const place = { BED_COLO: colo, BED_CONTINENT: "EU", BED_CACHE: hasCache ? "yes" : "no" };
    return { name: `isolate-${index + 1}`, colo, environment: { ...environment, ...place, ...changes(index) } };
  });
  const { miniflare, close } = await startMiniflare({
    workers: [
      {
        name: HOST,
        unsafeDirectSockets: [LOOPBACK],
        ...workerdOptions(bundle, environment),
        durableObjects: durableObjects(),
      },
      ...planned.map((isolate) => ({
        name: isolate.name,
        unsafeDirectSockets: [LOOPBACK],
        ...workerdOptions(bundle, isolate.environment),
        // The worst that KV may be: no colo ever sees what another one wrote.
        kvNamespaces: { CACHE: `breakwater-cache-${isolate.colo}` },
        durableObjects: durableObjects(HOST),
      })),
    ],
  });
  const urlOf = async (name: string) => (await miniflare.unsafeGetDirectURL(name)).origin;
  const hostUrl = await urlOf(HOST);
  const isolates = await Promise.all(
    planned.map(async ({ name, colo }): Promise<BedIsolate> => {
      const url = await urlOf(name);
      return {
        name,
        colo,
        url,
        fetch: (path, init) => fetch(url + path, init),
        breakCopy: (fault) => order(`${url}/__bed/copy`, "PUT", { fault }),
      };
    }),
  );
  return {
    isolates,
    host: {
      fault: (cls, method, fault) => order(`${hostUrl}/__bed/objects`, "PUT", { cls, method, fault }),
      clear: () => order(`${hostUrl}/__bed/objects`, "DELETE"),
    },
    close,
  };
}

async function order(url: string, method: string, body?: object): Promise<number> {
  const signal = AbortSignal.timeout(ORDER_WITHIN_MS); // a Worker that went round and round would never answer
  const response = await fetch(url, { method, signal, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!response.ok) throw new Error(`The bed did not take the order: ${await response.text()}`);
  return ((await response.json()) as { met: number }).met;
}

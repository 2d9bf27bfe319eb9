import { KnownBumps } from "../../../../src/cache/knownBumps.ts";
import type { CopyStore } from "../../../../src/cache/tiers/cacheApi.ts";
import { BulkLane } from "../../../../src/exchange/bulkLane.ts";
import { ColoCopyShelf } from "../../../../src/exchange/coloCopy.ts";
import { Exchange } from "../../../../src/exchange/exchange.ts";
import type { ExchangePorts, Station } from "../../../../src/exchange/exchangePorts.ts";
import { Ledger } from "../../../../src/exchange/ledger.ts";
import { View } from "../../../../src/exchange/view.ts";
import type { Called } from "../../../../src/rpc/callObject.ts";
import { WIRE } from "../../../../src/rpc/constants.ts";
import type { ObjectTrouble } from "../../../../src/rpc/objectTrouble.ts";
import type { Lease, Reply } from "../../../../src/rpc/reply.ts";
import type { Report, Settlement, Standing } from "../../../../src/rpc/report.ts";

/** A report as it arrived at a Collector. */
export interface Sent {
  readonly at: number;
  readonly collector: string;
  readonly text: string;
  readonly report: Report;
  readonly heldMs: number;
  readonly bulk: { readonly seq: number; readonly telemetry: unknown } | undefined;
}

/** How a Collector behaves: an answer, what went wrong, any text, or nothing at all for ever. */
export type Behaviour =
  | { readonly reply: Partial<Reply>; readonly afterMs?: number }
  | { readonly trouble: ObjectTrouble; readonly afterMs?: number }
  | { readonly text: string }
  | "died";

const LATENCY_MS = 20;

/** One isolate's exchange with everything around it told what to do, on the clock of vitest's fake timers. */
export class Bed {
  readonly ledger = new Ledger();
  readonly view = new View();
  readonly writes = new KnownBumps(this.view);
  readonly sent: Sent[] = [];
  readonly spent: Lease[] = [];
  readonly ends: string[] = [];
  readonly running = new Set<Promise<unknown>>();
  /** Counts that wait for the sparse lane. */
  counted = 0;
  /** False: calls may outlast their deadline, as where a thread stood still. */
  isPunctual = true;
  behave: (sent: Sent) => Behaviour = () => ({ reply: {} });
  /** Timers may fire a little early. */
  wakesEarlyByMs = 0;
  standing: Standing[] = [];
  checks: string[] = [];
  spend: (lease: Lease) => Promise<Settlement["outcome"]> = async () => "ok";
  readonly exchange: Exchange;
  readonly bulk: BulkLane;

  constructor({ id = "reporter-1", store }: { id?: string; store?: CopyStore } = {}) {
    this.bulk = new BulkLane(() => {
      const counts = this.counted;
      this.counted = 0;
      return counts === 0 ? undefined : counts;
    });
    const station: Station = { id, colo: "AMS", host: "site.example", hint: "weur" };
    const ports: ExchangePorts = {
      now: Date.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms - (ms > 1 ? this.wakesEarlyByMs : 0))),
      call: (collector, _station, report, heldMs, bulk, deadlineMs) =>
        this.#call(collector, report, heldMs, bulk, deadlineMs),
      shelf: new ColoCopyShelf(store, ({ host, colo }) => `https://${host}/${colo}`),
      standing: () => this.standing,
      checksWanted: () => this.checks,
      spend: (lease) => {
        this.spent.push(lease);
        return this.spend(lease);
      },
      changed: () => undefined,
      writes: this.writes,
      ended: (outcome) => this.ends.push(outcome),
    };
    this.exchange = new Exchange(station, ports, this);
  }

  readonly waitUntil = (work: Promise<unknown>) => {
    this.running.add(work);
    work.finally(() => this.running.delete(work));
  };

  /** A visitor's request was answered. */
  request(): void {
    this.ledger.request(Date.now());
    this.exchange.afterResponse(this.waitUntil);
  }

  /** An event that brings nothing to tell. */
  event(): void {
    this.exchange.afterResponse(this.waitUntil);
  }

  get last(): Sent {
    const last = this.sent.at(-1);
    if (!last) throw new Error("nothing was sent");
    return last;
  }

  get seqs(): number[] {
    return this.sent.map(({ report }) => report.seq);
  }

  #call(
    collector: string,
    text: string,
    heldMs: number,
    bulk: string | undefined,
    deadlineMs: number,
  ): Promise<Called<string>> {
    const report = JSON.parse(text) as Report;
    const sent: Sent = {
      at: Date.now(),
      collector,
      text,
      report,
      heldMs,
      bulk: bulk === undefined ? undefined : JSON.parse(bulk),
    };
    this.sent.push(sent);
    const behaviour = this.behave(sent);
    if (behaviour === "died") return new Promise(() => undefined);
    const afterMs = ("afterMs" in behaviour ? behaviour.afterMs : undefined) ?? LATENCY_MS;
    const mostMs = this.isPunctual ? deadlineMs : Number.POSITIVE_INFINITY;
    return new Promise((resolve) => {
      const end = (called: Called<string>) => setTimeout(() => resolve(called), Math.min(afterMs, mostMs));
      if ("trouble" in behaviour) {
        end({ kind: "failed", trouble: behaviour.trouble, message: "as told", tookMs: afterMs });
      } else if ("text" in behaviour) {
        end({ kind: "answered", value: behaviour.text, tookMs: afterMs });
      } else if (afterMs > mostMs) {
        end({ kind: "failed", trouble: "timeout", message: `no answer in ${deadlineMs} ms`, tookMs: deadlineMs });
      } else {
        const value = JSON.stringify({ ...CONTENT, ack: report.seq, ...behaviour.reply });
        end({ kind: "answered", value, tookMs: afterMs });
      }
    });
  }
}

const CONTENT: Reply = { wire: WIRE, ack: 0, parts: {}, nextInMs: 5_000, shards: 1 };

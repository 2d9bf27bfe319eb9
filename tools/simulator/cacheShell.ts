import { BumpLog } from "../../src/cache/bumpLog.ts";
import { MAX_DIGEST_CHARS } from "../../src/rpc/constants.ts";
import { cacheDigestSchema } from "../../src/rpc/digest.ts";
import { readMessage } from "../../src/rpc/readMessage.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ObjectContext } from "./simulatedObject.ts";

/** The shell of `objects/cacheCoordinator.ts` in virtual time, without the journal of crons. */
export class CacheShell {
  readonly #context: ObjectContext;
  readonly #scheduler: Scheduler;
  readonly bumps: BumpLog;

  constructor(context: ObjectContext, scheduler: Scheduler) {
    this.#context = context;
    this.#scheduler = scheduler;
    this.bumps = new BumpLog(context.storage.rows, scheduler.now());
  }

  async digest(text: string): Promise<string> {
    const digest = readMessage(cacheDigestSchema, text, MAX_DIGEST_CHARS);
    if (!digest) throw new Error("This is no digest that this version understands.");
    const answer = this.bumps.digest(digest, this.#scheduler.now());
    this.#context.storage.save(this.bumps.toRows());
    return JSON.stringify(answer);
  }
}

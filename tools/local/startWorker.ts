import getPort from "get-port";
import type { Bundle } from "./bundleWorker.ts";
import { startMiniflare } from "./startMiniflare.ts";
import { durableObjects, workerdOptions } from "./workerdOptions.ts";

const USUAL_PORT = 8787;

export interface LocalWorker {
  readonly url: string;
  /** Fires a cron trigger. */
  scheduled(cron: string, scheduledTime?: Date): Promise<void>;
  /** May be called again. */
  close(): Promise<void>;
}

export interface WorkerOptions {
  readonly bundle: Bundle;
  readonly environment: Readonly<Record<string, string>>;
  /** 0: any free one. Default: the usual one, another when it is taken. */
  readonly port?: number;
  /** Hyperdrive bindings by name: Postgres addresses. */
  readonly hyperdrives?: Readonly<Record<string, string>>;
  /** A folder where the objects' storage outlives the Worker. Default: none, it ends with the Worker. */
  readonly objectStorage?: string;
  /** Whether the objects are bound. Default: they are. */
  readonly hasObjects?: boolean;
}

/** The bundled Worker in workerd, on loopback. */
export async function startWorker({
  bundle,
  environment,
  port,
  hyperdrives,
  objectStorage,
  hasObjects = true,
}: WorkerOptions): Promise<LocalWorker> {
  const { miniflare, close } = await startMiniflare({
    name: "breakwater",
    // Straight to the Worker: Miniflare's own door in front of it costs a millisecond, and several at the slow end.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: port ?? (await getPort({ port: USUAL_PORT })) }],
    ...workerdOptions(bundle, environment),
    ...(hasObjects ? { durableObjects: durableObjects() } : {}),
    ...(objectStorage === undefined ? {} : { durableObjectsPersist: objectStorage }),
    ...(hyperdrives ? { hyperdrives: { ...hyperdrives } } : {}),
  });
  const url = (await miniflare.unsafeGetDirectURL("breakwater")).origin;
  return {
    url,
    scheduled: async (cron, scheduledTime = new Date()) => {
      const worker = await miniflare.getWorker();
      await worker.scheduled({ cron, scheduledTime });
    },
    close,
  };
}

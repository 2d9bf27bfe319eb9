import { neonTransport, useNeonEndpoint } from "../../../src/database/neonTransport.ts";
import type { Query } from "../../../src/database/query.ts";
import { startNeonProxy } from "../../neon-proxy/startNeonProxy.ts";

/** A way to a database, as the application goes it. */
export interface DriverLane {
  readonly ask: (query: Query) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Neon's driver over HTTP, and the local endpoint in front of this server. The driver keeps it for the whole process. */
export async function openDriverLane(address: { readonly host: string; readonly port: number }): Promise<DriverLane> {
  const connectionString = "postgres://breakwater:breakwater@proof.breakwater.local/marketplace";
  const proxy = await startNeonProxy({ resolve: () => address });
  useNeonEndpoint(`${proxy.url}/sql`);
  const transport = neonTransport(connectionString);
  return {
    ask: (query) => transport.query(query, AbortSignal.timeout(ANSWER_WITHIN_MS)),
    close: async () => {
      await transport.close();
      await proxy.close();
    },
  };
}

/** A scan of a million rows on a busy machine is answered in this time. */
const ANSWER_WITHIN_MS = 60_000;

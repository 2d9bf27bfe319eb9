import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { join } from "node:path";
import type { Client } from "pg";
import type { Cluster } from "../../tools/cluster/cluster.ts";
import { bundleWorker } from "../../tools/local/bundleWorker.ts";
import { localEnvironment } from "../../tools/local/localEnvironment.ts";
import { startWorker } from "../../tools/local/startWorker.ts";
import { startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";
import type { Lab } from "../lab.ts";

const agent = new Agent({ keepAlive: true });

/** The Worker over this cluster, and how to ask it for somebody's dashboard: milliseconds to the end of the answer. */
export async function serveDashboards(lab: Lab, cluster: Cluster, client: Client) {
  const nodes = await cluster.nodes();
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const bundle = await bundleWorker(join(lab.root, "bundle"));
  const environment = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: "none-of-this-is-public" });
  const worker = await lab.start(
    () => startWorker({ bundle, environment, port: 0 }),
    (started) => started.close(),
  );

  /** A session's token for this account, which nobody could log in to. */
  async function signIn(userId: string): Promise<string> {
    const token = createHash("sha256").update(userId).digest("base64url");
    const hash = createHash("sha256").update(token).digest();
    await client.query(
      "INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES (gen_random_uuid(), $1, $2, now() + interval '1 hour')",
      [hash, userId],
    );
    return token;
  }

  function ask(token: string): Promise<number> {
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${token}` };
      const sent = request(`${worker.url}/api/me/dashboard`, { agent, headers }, (response) => {
        response.resume();
        response.on("end", () => {
          if (response.statusCode === 200) resolve(performance.now() - startedAt);
          else reject(new Error(`a dashboard was answered ${response.statusCode}`));
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  return { signIn, ask };
}

import packageJson from "../package.json";
import { answerAdmin } from "./admin/answerAdmin.ts";
import { isAdmin } from "./admin/isAdmin.ts";
import { missingDatabase } from "./database/missingDatabase.ts";
import { openDatabase } from "./database/openDatabase.ts";
import { answerHealth } from "./health/answerHealth.ts";
import { openApiRoute } from "./http/openApiRoute.ts";
import { createRouter } from "./http/router.ts";
import { createIsolate, type IsolateState, requestOptions } from "./isolate.ts";
import { accounts, problems, routes } from "./marketplace/index.ts";
import openApi from "./marketplace/openapi.generated.json";
import { runCron } from "./scheduled.ts";

/** Wiring only: the isolate, the router over the application's routes, health, admin, crons. */

const isolate = createIsolate();
const router = createRouter({ routes: [...routes, openApiRoute(openApi)], accounts, problems });

export default {
  async fetch(request, env, ctx) {
    const { state, trouble } = stateOf(env);
    const database = state ? openDatabase(state.database, requestOptions(state, ctx)) : missingDatabase(trouble);
    const response = await router.fetch(request, {
      database,
      now: Date.now,
      waitUntil: (work) => ctx.waitUntil(work),
      exposesRoute: state !== undefined && (await exposesRoute(state, request)),
      intercept: (asked, url) =>
        answerHealth(asked, url, state, trouble, packageJson.version, ctx) ?? answerAdmin(asked, url, state),
      report: (error, facts) => console.error(JSON.stringify({ level: "error", ...facts, error: wordsOf(error) })),
    });
    ctx.waitUntil(database.close());
    return response;
  },

  async scheduled(controller, env, ctx) {
    await runCron(controller.cron, isolate.state(env), ctx);
  },
} satisfies ExportedHandler<Env>;

/** The isolate's state, or why there is none. */
function stateOf(env: Env): { state?: IsolateState; trouble?: unknown } {
  try {
    return { state: isolate.state(env) };
  } catch (trouble) {
    return { trouble };
  }
}

async function exposesRoute({ config }: IsolateState, request: Request): Promise<boolean> {
  if (config.mode === "off" || config.exposeRoute === "off") return false;
  return config.exposeRoute === "always" || (await isAdmin(request, config.adminTokens));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

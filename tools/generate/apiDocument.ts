import packageJson from "../../package.json" with { type: "json" };
import { openApiRoute } from "../../src/http/openApiRoute.ts";
import { CORE_PROBLEMS } from "../../src/http/problems.ts";
import { problems, routes } from "../../src/marketplace/index.ts";
import { openApi } from "./openApi.ts";

/** How the marketplace's accounts are proven (`src/marketplace/auth`). */
const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "The token that register and login answer." },
  cookie: { type: "apiKey", in: "cookie", name: "session", description: "The cookie that register and login set." },
};

/** The OpenAPI document of the marketplace, made from its routes as they are now. */
export function apiDocument(): Readonly<Record<string, unknown>> {
  return openApi({
    info: {
      title: "Breakwater: the pitch marketplace",
      version: packageJson.version,
      description: packageJson.description,
      license: { name: packageJson.license, identifier: packageJson.license },
    },
    routes: [...routes, openApiRoute({ openapi: "3.1.0" })],
    problems: { ...CORE_PROBLEMS, ...problems },
    securitySchemes: SECURITY_SCHEMES,
  });
}

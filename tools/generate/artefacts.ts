import packageJson from "../../package.json" with { type: "json" };
import { openApiRoute } from "../../src/http/openApiRoute.ts";
import { CORE_PROBLEMS } from "../../src/http/problems.ts";
import { problems, routes } from "../../src/marketplace/index.ts";
import { errorsDocument } from "./errorsDocument.ts";
import { openApi } from "./openApi.ts";

/** A file that is made from the source and committed, so that a user can pick it up directly. */
export interface Artefact {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** How the marketplace's accounts are proven (`src/marketplace/auth`). */
const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "The token that register and login answer." },
  cookie: { type: "apiKey", in: "cookie", name: "session", description: "The cookie that register and login set." },
};

/** Every generated file, as it should be now. */
export function artefacts(): readonly Artefact[] {
  const document = openApi({
    info: {
      title: "Breakwater: the pitch marketplace",
      version: packageJson.version,
      description: packageJson.description,
    },
    routes: [...routes, openApiRoute({ openapi: "3.1.0" })],
    problems: { ...CORE_PROBLEMS, ...problems },
    securitySchemes: SECURITY_SCHEMES,
  });
  return [
    { path: "docs/errors.md", content: errorsDocument(problems) },
    { path: "src/marketplace/openapi.generated.json", content: `${JSON.stringify(document, null, 2)}\n` },
  ];
}

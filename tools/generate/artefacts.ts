import { problems, routes } from "../../src/marketplace/index.ts";
import { answerVersions } from "./answerVersions.ts";
import { apiDocument } from "./apiDocument.ts";
import { errorsDocument } from "./errorsDocument.ts";
import { indexSql } from "./indexSql.ts";

/** A file that is made from the source and committed, so that a user can pick it up directly. */
export interface Artefact {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** The versions of the shared answers, to which the next change of one is held. */
export const ANSWER_VERSIONS = "src/marketplace/answerVersions.generated.json";

/** Every generated file, as it should be now. */
export function artefacts(): readonly Artefact[] {
  return [
    { path: "docs/errors.md", content: errorsDocument(problems) },
    { path: "src/marketplace/openapi.generated.json", content: `${JSON.stringify(apiDocument(), null, 2)}\n` },
    { path: ANSWER_VERSIONS, content: `${JSON.stringify(answerVersions(routes), null, 2)}\n` },
    ...indexSql(),
  ];
}

/** An OpenAPI document as far as it is read here: what `tools/generate` makes, not every document there may be. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, ApiResponse>>;
    readonly parameters: Readonly<Record<string, ApiParameter>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, { readonly required: boolean }>>;
  };
}

interface ApiOperation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly (ApiParameter | Reference)[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: JsonSchema } } };
  readonly responses: Readonly<Record<string, ApiResponse | Reference>>;
}

interface ApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface ApiResponse {
  readonly headers?: Readonly<Record<string, { readonly required: boolean } | Reference>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

interface Reference {
  readonly $ref: string;
}

/** The part of JSON Schema that zod writes. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** One operation, with all it refers to. */
export interface Operation {
  /** As the document names it. */
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** `/api/pitches/{id}`. */
  readonly template: string;
  readonly parameters: readonly ApiParameter[];
  readonly body: JsonSchema | undefined;
  readonly access: "anonymous" | "optional" | "signed-in";
  /** By status. */
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

export interface DocumentedResponse {
  /** Names of the headers it is described with. */
  readonly headers: readonly string[];
  /** Those it must have. */
  readonly requiredHeaders: readonly string[];
  /** Undefined: no body. */
  readonly mediaType: string | undefined;
  /** JSON pointers of the schemas, one of which the body must have. */
  readonly schemas: readonly string[];
}

/** All operations of a document, in its order. */
export function apiOperations(document: ApiDocument): readonly Operation[] {
  const { paths, components } = document;
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const at = `/paths/${escaped(template)}/${method}`;
      const responses = Object.entries(operation.responses).map(([status, response]) => {
        const pointer = "$ref" in response ? response.$ref.slice(1) : `${at}/responses/${status}`;
        return [status, documented(resolved(response, components.responses), pointer, components.headers)] as const;
      });
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        template,
        parameters: (operation.parameters ?? []).map((parameter) => resolved(parameter, components.parameters)),
        body: operation.requestBody?.content["application/json"].schema,
        access: accessOf(operation),
        responses: Object.fromEntries(responses),
      };
    }),
  );
}

/** An empty requirement among others: nobody must be signed in. */
function accessOf({ security }: ApiOperation): Operation["access"] {
  if (!security) return "anonymous";
  return security.some((each) => Object.keys(each).length === 0) ? "optional" : "signed-in";
}

function documented(
  { headers = {}, content = {} }: ApiResponse,
  pointer: string,
  known: ApiDocument["components"]["headers"],
): DocumentedResponse {
  const [entry] = Object.entries(content);
  const required = Object.entries(headers).filter(([, header]) => resolved(header, known).required);
  return {
    headers: Object.keys(headers),
    requiredHeaders: required.map(([name]) => name),
    mediaType: entry?.[0],
    schemas: entry ? schemaPointers(entry[1].schema, `${pointer}/content/${escaped(entry[0])}/schema`) : [],
  };
}

/** The kinds of a choice (`oneOf`) one by one, so that a complaint can speak of the one that was meant. */
function schemaPointers({ $ref, oneOf }: JsonSchema, pointer: string): readonly string[] {
  if ($ref !== undefined) return [$ref.slice(1)];
  return oneOf?.flatMap((choice, index) => schemaPointers(choice, `${pointer}/oneOf/${index}`)) ?? [pointer];
}

function escaped(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}

function resolved<T extends object>(part: T | Reference, components: Readonly<Record<string, T>>): T {
  if (!("$ref" in part)) return part;
  const found = components[part.$ref.split("/").at(-1) ?? ""];
  if (!found) throw new Error(`The document refers to ${part.$ref}, which it does not have.`);
  return found;
}

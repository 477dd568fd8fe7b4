import { Ajv, type ValidateFunction } from 'ajv';
import { send } from '../../support/http/raw-http.js';

/** As much of a JSON schema as the generator understands; the validator understands all of it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maximum?: number;
  readonly example?: string | number;
}

interface Example {
  readonly summary?: string;
  readonly value: { readonly message?: string };
}

interface Media {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, Example>>;
}

export interface DocumentedReply {
  readonly content?: Readonly<Record<string, Media>>;
}

interface DocumentedOperation {
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, DocumentedReply>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: object;
}

/** One method of one path, as our own document describes it. */
export interface Operation {
  /** As in `POST /api/user/orders`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly needsToken: boolean;
  /** What its body may be, by media type; empty where it has none. */
  readonly bodies: Readonly<Record<string, Schema>>;
  readonly replies: Readonly<Record<string, DocumentedReply>>;
}

/** RFC 3339, as the service writes it. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The OpenAPI document that the running service gives of itself. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #compiled = new Map<object, ValidateFunction>();
  readonly #ajv = new Ajv({
    // OpenAPI's own keywords, such as `example`, are none of JSON Schema's.
    strict: false,
    // By default 500.5 is no multiple of 0.01: the quotient in binary is not quite whole.
    multipleOfPrecision: 4,
    allErrors: true,
    formats: { 'date-time': DATE_TIME, password: true },
  });

  private constructor(private readonly document: OpenApi) {
    this.#ajv.addSchema({ $id: 'document', components: inJsonSchema(document.components) });
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      // A stream of events has no end to be judged.
      Object.entries(methods)
        .filter(hasEnd)
        .map(([method, { security, requestBody, responses }]) => ({
          name: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          path,
          needsToken: security !== undefined,
          bodies: Object.fromEntries(
            Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [
              type,
              this.#resolve(schema),
            ]),
          ),
          replies: responses,
        })),
    );
  }

  static async load(url: string): Promise<ApiDocument> {
    const { text } = await send(url, 'GET /docs-json');
    return new ApiDocument(JSON.parse(text) as OpenApi);
  }

  /** What is wrong with a reply's body, given what is documented; undefined: nothing. */
  problem(
    { content }: DocumentedReply,
    contentType: string | undefined,
    body: string,
  ): string | undefined {
    if (!content) return body === '' ? undefined : 'a body where the document has none';
    const type = contentType?.split(';', 1)[0]?.trim() ?? '';
    const media = content[type];
    const documented = Object.keys(content).join(', ');
    if (!media) return `the content type ${contentType ?? '(none)'}, documented ${documented}`;
    if (!media.schema) return undefined;
    if (type !== 'application/json') return this.#validate(media.schema, body);
    try {
      return this.#validate(media.schema, JSON.parse(body));
    } catch (error) {
      return `a body that is not JSON: ${(error as Error).message}`;
    }
  }

  #validate(schema: object, value: unknown): string | undefined {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      validate = this.#ajv.compile(inJsonSchema(schema) as object);
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return undefined;
    const errors = this.#ajv.errorsText(validate.errors, { dataVar: 'body' });
    return `a body against its schema: ${errors}`;
  }

  /** What `#/components/…` stands for. */
  #resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    let node: unknown = this.document;
    for (const step of schema.$ref.split('/').slice(1))
      node = (node as Record<string, unknown>)[step];
    return node as Schema;
  }
}

function hasEnd([, { responses }]: readonly [string, DocumentedOperation]): boolean {
  return !Object.values(responses).some(({ content }) => content?.['text/event-stream']);
}

/** OpenAPI 3.0 has `minimum: 0, exclusiveMinimum: true` for JSON Schema's `exclusiveMinimum: 0`. */
function inJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inJsonSchema);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, inJsonSchema(value)] as const);
  const copy = Object.fromEntries(entries);
  for (const bound of ['Minimum', 'Maximum']) {
    const isExclusive = copy[`exclusive${bound}`];
    if (typeof isExclusive === 'boolean')
      copy[`exclusive${bound}`] = isExclusive ? copy[bound.toLowerCase()] : undefined;
  }
  if (typeof copy['$ref'] === 'string') copy['$ref'] = `document${copy['$ref']}`;
  return copy;
}

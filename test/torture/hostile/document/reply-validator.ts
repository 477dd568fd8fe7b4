import { Ajv, type ValidateFunction } from 'ajv';
import type { ApiDocument, DocumentedReply } from './api-document.js';

/** RFC 3339, as the service writes it. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Compares replies with the schemas of the document. */
export class ReplyValidator {
  readonly #ajv: Ajv;
  readonly #compiled = new Map<object, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.#ajv = new Ajv({
      // OpenAPI's own keywords, such as `example`, are none of JSON Schema's.
      strict: false,
      // By default 500.5 is no multiple of 0.01: the quotient in binary is not quite whole.
      multipleOfPrecision: 4,
      allErrors: true,
      formats: { 'date-time': DATE_TIME, password: true },
    });
    this.#ajv.addSchema({ $id: 'document', components: inJsonSchema(document.components) });
  }

  /**
   * What is wrong with a body of this content type, given what is documented; undefined: nothing.
   */
  problem(
    { content }: DocumentedReply,
    contentType: string | undefined,
    body: string,
  ): string | undefined {
    if (!content) return body === '' ? undefined : 'a body where the document has none';
    const type = contentType?.split(';', 1)[0]?.trim() ?? '';
    const media = content[type];
    if (!media)
      return `the content type ${contentType ?? '(none)'}, documented ${Object.keys(content).join(', ')}`;
    if (!media.schema) return undefined;
    return type === 'application/json'
      ? this.#problemOfJson(media.schema, body)
      : this.#problemOf(media.schema, body);
  }

  #problemOfJson(schema: object, body: string): string | undefined {
    try {
      return this.#problemOf(schema, JSON.parse(body));
    } catch (error) {
      return `a body that is not JSON: ${(error as Error).message}`;
    }
  }

  #problemOf(schema: object, value: unknown): string | undefined {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      validate = this.#ajv.compile(inJsonSchema(schema) as object);
      this.#compiled.set(schema, validate);
    }
    return validate(value)
      ? undefined
      : `a body against its schema: ${this.#ajv.errorsText(validate.errors, { dataVar: 'body' })}`;
  }
}

/**
 * OpenAPI 3.0 says `minimum: 0, exclusiveMinimum: true` where JSON Schema says `exclusiveMinimum:
 * 0`.
 */
function inJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inJsonSchema);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, inJsonSchema(value)]),
  );
  for (const [exclusive, inclusive] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (copy[exclusive] === true) copy[exclusive] = copy[inclusive];
    else if (copy[exclusive] === false) copy[exclusive] = undefined;
  }
  if (typeof copy['$ref'] === 'string') copy['$ref'] = `document${copy['$ref']}`;
  return copy;
}

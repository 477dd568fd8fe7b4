import { type RawReply, send } from '../../../support/http/raw-http.js';

/** As much of a JSON schema as the generator understands; the validator understands all of it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly example?: string | number;
}

interface Media {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: { readonly message?: string } }>>;
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

/** The OpenAPI document that the running service gives of itself. */
export class ApiDocument {
  readonly operations: readonly Operation[];

  private constructor(private readonly document: OpenApi) {
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security, requestBody, responses }]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        needsToken: security !== undefined,
        bodies: Object.fromEntries(
          Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [
            type,
            this.resolve(schema),
          ]),
        ),
        replies: responses,
      })),
    );
  }

  static async load(url: string): Promise<ApiDocument> {
    const reply: RawReply = await send(url, 'GET /docs-json');
    return new ApiDocument(JSON.parse(reply.text) as OpenApi);
  }

  /** What `#/components/…` stands for. */
  get components(): object {
    return this.document.components;
  }

  private resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const steps = schema.$ref.split('/').slice(1);
    return steps.reduce<unknown>(
      (node, step) => (node as Record<string, unknown>)[step],
      this.document,
    ) as Schema;
  }
}

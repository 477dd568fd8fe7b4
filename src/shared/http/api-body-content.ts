import { ApiExtension, type OpenAPIObject } from '@nestjs/swagger';

const EXTENSION = 'x-body-content';

interface Operation {
  requestBody?: unknown;
  [EXTENSION]?: unknown;
}

/**
 * Documents a body whose schema differs by media type, which `@ApiBody` cannot: one schema a type,
 * as OpenAPI's `content`.
 */
export function ApiBodyContent(
  content: Readonly<Record<string, { readonly schema: object }>>,
): MethodDecorator {
  return ApiExtension(EXTENSION, content);
}

/** Puts what {@link ApiBodyContent} noted where OpenAPI wants it. */
export function withBodyContents(document: OpenAPIObject): OpenAPIObject {
  for (const operation of Object.values(document.paths).flatMap(
    (path) => Object.values(path) as Operation[],
  )) {
    const content = operation[EXTENSION];
    if (content !== undefined) operation.requestBody = { required: true, content };
    operation[EXTENSION] = undefined;
  }
  return document;
}

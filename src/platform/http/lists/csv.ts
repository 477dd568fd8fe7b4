import { Readable } from 'node:stream';
import { HttpStatus } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { type JsonList, linesOf } from '../../../kernel/application/json-lists.js';

const JSON_OR_CSV = ['application/json', 'text/csv'];

/** Whether a client would rather have CSV than JSON, which is for those who do not care. */
export function prefersCsv(request: FastifyRequest): boolean {
  return new Negotiator(request).mediaType(JSON_OR_CSV) === 'text/csv';
}

/**
 * Sends a list as CSV (RFC 4180) with a line of headers, as the client takes it: 200, or a bare 204
 * for an empty list.
 *
 * @param columns the members of a line, in their order.
 * @returns the reply, which can be awaited: all of it was handed on, or its client has left.
 */
export function sendCsv<T extends object>(
  reply: FastifyReply,
  list: JsonList<T>,
  columns: readonly (keyof T & string)[],
  fileName: string,
): FastifyReply {
  if (list.isEmpty) return reply.status(HttpStatus.NO_CONTENT).send();
  const isHead = reply.request.method === 'HEAD';
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .send(Readable.from(isHead ? [] : textOf(list, columns)));
}

async function* textOf<T extends object>(
  list: JsonList<T>,
  columns: readonly (keyof T & string)[],
): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const lines of linesOf(list))
    if (lines.length > 0)
      yield lines
        .map((line) => csvLine(columns.map((column) => line[column] as CsvValue)))
        .join('');
}

type CsvValue = string | number | undefined;

/** A line of CSV, with its end. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(fieldOf).join()}\r\n`;
}

/**
 * Programs that show tables compute what begins like a formula. A quote before it keeps it text;
 * numbers stay numbers, also below zero.
 */
function fieldOf(value: CsvValue): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** Bytes of a message, at most: `MAX_COMMANDS` (rpc-lists.ts) with numbers of 1 000 digits. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** From the sources and from the build. */
const PROTO = ['../../../proto', '../../../../proto']
  .map((path) => join(import.meta.dirname, path))
  .find((path) => existsSync(path));

/** A service of `proto/gophermart/v1`, by its file and its name without the package. */
export type ServiceName = `${string}.proto/${string}`;

/** The definitions that are published in `proto/gophermart/v1`. */
export function definitionsOf(...files: readonly string[]): PackageDefinition {
  const paths = files.map((file) => `gophermart/v1/${file}`);
  return loadSync(paths, {
    includeDirs: [PROTO ?? ''],
    enums: String,
    longs: String,
    defaults: true,
    oneofs: true,
  });
}

/** As health and reflection call it. */
export function fullNameOf(name: ServiceName): string {
  return `gophermart.v1.${name.split('/')[1]}`;
}

/** Makes clients of the service, and knows its methods. */
export function serviceOf(name: ServiceName): ServiceClientConstructor {
  const [file = '', service = ''] = name.split('/');
  const { gophermart } = loadPackageDefinition(definitionsOf(file));
  const { v1 } = gophermart as GrpcObject;
  return (v1 as GrpcObject)[service] as ServiceClientConstructor;
}

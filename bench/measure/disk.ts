import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './statistics.js';

const WRITES = 200;
/** PostgreSQL's page, which is what a small commit writes. */
const PAGE = Buffer.alloc(8_192);

/**
 * The median time, in milliseconds, until a page is on the disk: nothing else decides as much how
 * fast single commits are.
 */
export function syncMilliseconds(folder: string): number {
  const file = join(folder, 'sync-probe');
  const descriptor = openSync(file, 'w');
  try {
    const times = Array.from({ length: WRITES }, (_, i) => {
      const began = performance.now();
      writeSync(descriptor, PAGE, 0, PAGE.length, (i % 16) * PAGE.length);
      fdatasyncSync(descriptor);
      return performance.now() - began;
    });
    return median(times);
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}

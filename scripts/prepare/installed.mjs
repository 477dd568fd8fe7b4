import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compares what package-lock.json demands with what npm noted, at the end of an install, in
 * node_modules/.package-lock.json. By content, not by time: a clone, a copy and an image's layer
 * all shuffle the files' times.
 *
 * @returns {'everything' | 'production' | 'nothing'} 'production' when only development
 * dependencies are missing; what is optional may always be missing, it is mostly for other
 * platforms.
 */
export function whatIsInstalled(root) {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const installed = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted)
    throw new Error(
      `${join(root, 'package-lock.json')} is missing or unreadable: the clone is not complete`,
    );
  if (!installed) return 'nothing';
  let found = 'everything';
  for (const [path, { version, integrity, optional, dev, devOptional }] of Object.entries(wanted)) {
    const there = installed[path];
    if (path === '' || (there && there.version === version && there.integrity === integrity))
      continue;
    if (there || !(optional || dev || devOptional)) return 'nothing';
    if (!optional) found = 'production';
  }
  return found;
}

function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

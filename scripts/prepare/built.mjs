import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Everything that the build is made from; specs are not part of it. */
function sources(root) {
  const files = readdirSync(root)
    .filter((name) => /^(tsconfig.*|nest-cli|package|package-lock)\.json$/.test(name))
    .map((name) => join(root, name));
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (!/\.spec\.ts$/.test(entry.name)) files.push(path);
    }
  };
  for (const folder of ['src', 'migrations'])
    if (existsSync(join(root, folder))) walk(join(root, folder));
  return files.sort();
}

/**
 * Names and contents: a deleted file and an older branch make a build stale as well, and neither is
 * newer than it.
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of sources(root))
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function stampFile(root) {
  // In dist, so that it goes when the build does.
  return join(root, 'dist', '.built-from');
}

/**
 * @param whoseBuild 'ours' demands our stamp. 'anyones' takes a build that was made without it too,
 * unless a source is newer: where the compiler is not installed, somebody else has built what is
 * there.
 */
export function isBuilt(root, whoseBuild) {
  const main = statSync(join(root, 'dist', 'src', 'main.js'), { throwIfNoEntry: false });
  if (!main) return false;
  // An image or a package without its sources has nothing that it could be rebuilt from.
  if (!existsSync(join(root, 'src'))) return true;
  if (existsSync(stampFile(root)))
    return readFileSync(stampFile(root), 'utf8') === fingerprint(root);
  return (
    whoseBuild === 'anyones' &&
    sources(root).every((file) => statSync(file).mtimeMs <= main.mtimeMs)
  );
}

/**
 * Runs a build and notes what it was made from: as it was before, so that what is edited meanwhile
 * is built the next time.
 */
export async function stamped(root, build) {
  const before = fingerprint(root);
  await build();
  writeFileSync(stampFile(root), before);
}

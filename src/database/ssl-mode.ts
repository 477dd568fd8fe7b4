import { Client } from 'pg';

/**
 * Gives a URI's `sslmode` the meaning that libpq, and so everybody's experience, gives it:
 * `require` encrypts without asking who it is, `prefer` and `allow` encrypt where the server can.
 * `pg` 8 takes all of them for `verify-full`, with a warning.
 */
export async function likeLibpq(uri: string): Promise<string> {
  const mode = /[?&]sslmode=([\w-]+)/.exec(uri)?.[1];
  if (mode === undefined || mode === 'disable' || uri.includes('uselibpqcompat=')) return uri;
  const compatible = `${uri}&uselibpqcompat=true`;
  if (mode !== 'prefer' && mode !== 'allow') return compatible;
  return (await speaksTls(compatible))
    ? compatible
    : uri.replace(`sslmode=${mode}`, 'sslmode=disable');
}

/** Any failure but the server's plain no is for whoever connects next to meet. */
async function speaksTls(uri: string): Promise<boolean> {
  const client = new Client({ connectionString: uri, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    return !(error as Error).message.includes('does not support SSL');
  } finally {
    await client.end().catch(() => undefined);
  }
}

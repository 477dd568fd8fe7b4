import { percentDecoded } from '../../../kernel/application/address.js';

/**
 * Why a request got no reply. Without the address, which stands in the messages of the system and
 * of undici: an event passes the reason on to others. undici's own errors carry the socket's error
 * as their cause.
 */
export function failureOf(error: unknown): string {
  const { message, code, syscall, cause } = error as NodeJS.ErrnoException & {
    readonly cause?: { readonly message?: string };
  };
  if (code !== undefined && syscall !== undefined) return `${syscall} ${code}`;
  const text = (message || cause?.message)?.replace(/ \(attempted address.*/, '');
  return [code, text].filter(Boolean).join(': ') || 'no answer';
}

/**
 * User and password are taken out of the address, so that no message about a request can have them,
 * and are sent as Basic authentication (RFC 7617).
 */
export function withoutCredentials(address: string): { base: string; authorization?: string } {
  const base = address.replace(/^(https?:\/\/)[^/\\?#]*@/i, '$1');
  const { username, password } = new URL(base === address ? 'http://none' : address);
  if (username === '' && password === '') return { base };
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return { base, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

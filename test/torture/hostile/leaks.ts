/** What no reply may show: how the service is built, where it stands, what it keeps. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  'a stack trace': /\bat (?:async )?[\w.<>$ [\]]+ \(|\n\s+at /,
  'a file of ours': /node_modules|node:internal|file:\/\/\/|\/dist\/|\/src\/|\.[cm]?[jt]s:\d+/,
  'a kind of error':
    /\b(?:Type|Reference|Range|Syntax|QueryFailed|Assertion|Driver|Http|Fastify|Nest)\w*(?:Error|Exception)\b/,
  'a mistake of JavaScript':
    /is not a function|Cannot (?:read|set|destructure) propert|undefined is not|is not iterable|\[object Object\]/,
  SQL: /\b(?:select|insert into|update|delete from)\b[^"]{0,80}\b(?:from|values|set|where|returning)\b|gophermart\.\w|\$\d+::/i,
  'a message of PostgreSQL':
    /violates \w+ constraint|duplicate key value|invalid input syntax|relation "|column "|syntax error at|ECONN|pg_\w+/,
  'a library':
    /\b(?:typeorm|fastify|nestjs|passport|lossless-json|class-validator|undici|axios|undefined method)\b/i,
  'a password hash': /\$argon2/,
  'a connection string': /postgres(?:ql)?:\/\//,
};

/** Header.payload.signature: whoever holds it is somebody. */
const TOKENS = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;

export interface Shown {
  /** Body and header values of the reply. */
  readonly text: string;
  /** All that the client had sent: what is only echoed is no news to it. */
  readonly sent: string;
  /** Whether the reply is to carry a token. */
  readonly mayHaveToken: boolean;
}

/** Finds in replies what should have stayed inside. */
export class Leaks {
  /** @param secrets must not be in any reply, be it echoed. */
  constructor(private readonly secrets: Readonly<Record<string, string>>) {}

  /** What `text` gives away, in words; undefined: nothing. */
  find({ text, sent, mayHaveToken }: Shown): string | undefined {
    for (const [what, secret] of Object.entries(this.secrets))
      if (text.includes(secret) && !sent.includes(secret)) return what;
    const tokens = text.match(TOKENS) ?? [];
    if (!mayHaveToken && tokens.some((token) => !sent.includes(token))) return 'a token';
    // One run in ten has a signature with "pg_" in it.
    const words = text.replaceAll(TOKENS, 'token');
    for (const [what, sign] of Object.entries(SIGNS)) {
      const [found] = sign.exec(words) ?? [];
      if (found !== undefined && !sent.includes(found)) return `${what} (${found.slice(0, 80)})`;
    }
    return undefined;
  }
}

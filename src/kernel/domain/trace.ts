/** The flags that the specification knows: sampled, and random. Others are to be sent as zero. */
const KNOWN_FLAGS = 0b11;

/** How long a `traceparent` of version 00 is. Later versions may go on behind a dash. */
const LENGTH = 55;

const FORM =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?=-|$)/;

/**
 * The trace that a command belongs to, and the span of its sender: a `traceparent` of W3C Trace
 * Context. It never decides anything.
 */
export class Trace {
  private constructor(
    /** 32 hexadecimal digits, by which programs find each other's logs and spans. */
    readonly id: string,
    private readonly parentId: string,
    private readonly flags: string,
  ) {}

  /** Undefined for whatever is none: it comes from outside, or from a row that somebody wrote. */
  static read(text: unknown): Trace | undefined {
    if (typeof text !== 'string') return undefined;
    const [, version, id, parentId, flags] = FORM.exec(text) ?? [];
    if (id === undefined || parentId === undefined || flags === undefined) return undefined;
    if (version === '00' && text.length !== LENGTH) return undefined;
    const known = parseInt(flags, 16) & KNOWN_FLAGS;
    return new Trace(id, parentId, known.toString(16).padStart(2, '0'));
  }

  /** As a request says that we send in this trace. @param spanId 16 hexadecimal digits. */
  from(spanId: string): Trace {
    return new Trace(this.id, spanId, this.flags);
  }

  /** Of version 00. */
  toString(): string {
    return `00-${this.id}-${this.parentId}-${this.flags}`;
  }
}

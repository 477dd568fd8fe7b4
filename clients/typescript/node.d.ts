/**
 * For programs whose `lib` is without `dom`: Node's types lack this one. The client needs it to
 * compile, and nothing else.
 */
type BodyInit = NonNullable<RequestInit['body']>;

/** The answer is not HTTP. The message is in the words of Go's `net/http`, and never holds what was received, which may be anybody's secret. */
export class Malformed extends Error {}

/** The connection ended where more had to come. */
export class Cut extends Error {}

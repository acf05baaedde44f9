/** What is not HTTP, in the words of Go's `net/http`; never with what was received, which may be anybody's secret. */
export class Malformed extends Error {}

/** The connection ended where more had to come. */
export class Cut extends Error {}

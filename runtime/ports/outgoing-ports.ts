/** First and last number. */
type Range = readonly [from: number, to: number];

/** What the system gives to connections that programs make, and may give to one that is nobody's yet. */
export interface OutgoingPorts {
  range: Range;
  /** Of these it gives none. */
  reserved: readonly Range[];
  /** How to keep a range out, as a command. */
  reserve: (range: Range) => string;
}

/** The part of `range` that may be taken by a connection; undefined when there is none. Pure. */
export function takenByOthers([from, to]: Range, { range: [low, high], reserved }: OutgoingPorts): Range | undefined {
  const free = (port: number): boolean =>
    port >= low && port <= high && !reserved.some(([first, last]) => port >= first && port <= last);
  let first: number | undefined;
  let last: number | undefined;
  for (let port = Math.max(from, low); port <= Math.min(to, high); port++) {
    if (!free(port)) continue;
    first ??= port;
    last = port;
  }
  return first === undefined || last === undefined ? undefined : [first, last];
}

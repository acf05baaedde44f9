/** The first part of an answer of HTTP/1.1 (RFC 9112), read strictly: what might mean two things is refused. */
export interface AnswerHead {
  statusCode: number;
  /** By their names in lower case. */
  headers: ReadonlyMap<string, readonly string[]>;
}

/** How the body of an answer is delimited. */
export type Framing = { kind: "none" } | { kind: "sized"; bytes: number } | { kind: "chunked" };

const STATUS_LINE = /^HTTP\/1\.1 ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;

/** Of the bytes before the empty line, as Latin-1. Throws what is wrong with them. */
export function parseHead(text: string): AnswerHead {
  const [first = "", ...lines] = text.split("\r\n");
  const code = STATUS_LINE.exec(first)?.[1];
  if (code === undefined) throw new Error("it does not answer in HTTP/1.1");
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value = ""] = HEADER.exec(line) ?? [];
    if (name === undefined) throw new Error("it sends a malformed header");
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return { statusCode: Number(code), headers };
}

/** Throws when it is said twice, not at all, or in a way that we don't know: where an answer ends must be certain. */
export function framingOf({ statusCode, headers }: AnswerHead, method: string): Framing {
  const [length, ...lengths] = headers.get("content-length") ?? [];
  const coding = headers.get("transfer-encoding");
  if (lengths.length > 0 || (coding && length !== undefined)) throw new Error("it says twice how long its answer is");
  if (method === "HEAD" || statusCode === 204 || statusCode === 304) return { kind: "none" };
  if (coding?.length === 1 && coding[0]?.toLowerCase() === "chunked") return { kind: "chunked" };
  if (length === undefined || !/^\d{1,15}$/.test(length)) throw new Error("it does not say how long its answer is");
  return { kind: "sized", bytes: Number(length) };
}

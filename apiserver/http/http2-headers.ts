import type { IncomingHttpHeaders } from "node:http2";

export interface Http2Headers {
  headers: IncomingHttpHeaders;
  /** Names and values by turns. */
  rawHeaders: readonly string[];
}

/**
 * The headers as HTTP/1.1 would have brought them: `:authority` is the Host. A Host beside it that says something else stays a second one, which is
 * refused as two of them are. `headers` keeps what begins with a colon, because Node reads method and path from there.
 */
export function plainHeaders({ headers, rawHeaders }: Http2Headers): Http2Headers {
  const authority = headers[":authority"];
  const plain: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    if (name === ":authority") plain.push("host", value);
    else if (!name.startsWith(":") && !(name === "host" && value === authority)) plain.push(name, value);
  }
  return { headers: { ...headers, host: authority ?? headers.host }, rawHeaders: plain };
}

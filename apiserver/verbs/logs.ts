import { badRequest } from "../../api/errors.ts";
import type { LogOptions } from "../../api/log-options.ts";
import { makeKey } from "../../api/object.ts";
import { integer, isTrue } from "../http/query.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";

/** A follower without output learns after this long that its request was accepted. */
const FIRST_LINE_MS = 200;

/** `text/plain`, at the pace of the reader. What goes wrong before the first byte is a Status; later the connection is cut. */
export const logs: Serve = async (exchange, request, services) => {
  const options = logOptionsOf(request.query);
  const { resource, namespace, subresource } = request;
  const key = makeKey(namespace, nameOf(request));
  const log = await services.registry.streamLog(resource, key, subresource, options, exchange.gone);
  const lines = log[Symbol.asyncIterator]();
  try {
    let next = lines.next();
    await Promise.race([next, soon()]);
    const stream = exchange.stream("text/plain");
    for (let line = await next; !line.done; line = await next) {
      await stream.write(line.value);
      if (exchange.gone.aborted) break;
      next = lines.next();
    }
    stream.end();
  } finally {
    await lines.return?.();
  }

  function soon(): Promise<void> {
    if (!options.follow) return new Promise(() => {});
    return new Promise((resolve) => services.clock.after(FIRST_LINE_MS, resolve));
  }
};

function logOptionsOf(query: URLSearchParams): LogOptions {
  const options: LogOptions = {};
  if (isTrue(query.get("previous"))) options.previous = true;
  if (isTrue(query.get("follow"))) options.follow = true;
  if (isTrue(query.get("timestamps"))) options.timestamps = true;
  if (isTrue(query.get("raw"))) options.raw = true;
  if (options.raw && options.timestamps) throw badRequest("at most one of raw or timestamps may be specified");
  for (const [name, least] of [
    ["sinceSeconds", 1],
    ["tailLines", 0],
    ["limitBytes", 1],
  ] as const) {
    const value = integer(query, name);
    if (value === undefined) continue;
    if (value < least) throw badRequest(`query parameter ${name} must be at least ${least}`);
    options[name] = value;
  }
  const sinceTime = query.get("sinceTime");
  if (sinceTime) options.sinceTime = timeOf(sinceTime);
  if (options.sinceTime && options.sinceSeconds)
    throw badRequest("at most one of sinceTime or sinceSeconds may be specified");
  const stream = query.get("stream");
  if (stream === "All" || stream === "Stdout" || stream === "Stderr") options.stream = stream;
  else if (stream)
    throw badRequest(`query parameter stream: ${JSON.stringify(stream)} is not one of All, Stdout, Stderr`);
  return options;
}

function timeOf(text: string): string {
  const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;
  if (rfc3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw badRequest(`query parameter sinceTime: ${JSON.stringify(text)} is not an RFC 3339 time`);
}

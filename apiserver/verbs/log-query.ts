import { badRequest } from "../../api/errors.ts";
import type { LogOptions } from "../../api/log-options.ts";
import { integer, isTrue, text } from "../http/query.ts";

const FLAGS = ["previous", "follow", "timestamps", "raw", "allRuns", "frames", "present"] as const;
const NUMBERS = [
  ["sinceSeconds", 1],
  ["tailLines", 0],
  ["limitBytes", 1],
  ["run", 1],
  ["index", 0],
] as const;
/** Of each at most one. */
const EXCLUSIVE = [
  ["raw", "timestamps"],
  ["sinceTime", "sinceSeconds"],
  ["previous", "run", "allRuns", "present", "position"],
] as const satisfies readonly (readonly (keyof LogOptions)[])[];
/** A position is much shorter. */
const LONGEST_POSITION = 512;

/** The options in the query of a request for a log. Throws BadRequest. */
export function logOptionsOf(query: URLSearchParams): LogOptions {
  const options: LogOptions = {};
  for (const name of FLAGS) if (isTrue(query.get(name))) options[name] = true;
  for (const [name, least] of NUMBERS) {
    const value = integer(query, name);
    if (value === undefined) continue;
    if (value < least) throw badRequest(`query parameter ${name} must be at least ${least}`);
    options[name] = value;
  }
  const sinceTime = text(query, "sinceTime");
  if (sinceTime !== undefined) options.sinceTime = timeOf(sinceTime);
  const position = text(query, "position");
  if (position !== undefined) options.position = positionOf(position, options);
  const stream = text(query, "stream");
  if (stream !== undefined) options.stream = streamOf(stream);
  assertExclusive(options);
  return options;
}

function assertExclusive(options: LogOptions): void {
  for (const names of EXCLUSIVE) {
    if (names.filter((name) => options[name] !== undefined).length < 2) continue;
    throw badRequest(`at most one of ${names.slice(0, -1).join(", ")} or ${names.at(-1)} may be specified`);
  }
  if (options.frames && options.follow && (options.previous || options.run !== undefined))
    throw badRequest("frames that are followed go on over all runs: neither previous nor run may be specified");
  if (options.present && !options.frames) throw badRequest("query parameter present: only for an answer in frames");
}

function positionOf(text: string, { frames }: LogOptions): string {
  if (!frames) throw badRequest("query parameter position: only an answer in frames has positions");
  if (text.length > LONGEST_POSITION) throw badRequest("query parameter position is no position");
  return text;
}

function streamOf(text: string): NonNullable<LogOptions["stream"]> {
  if (text === "All" || text === "Stdout" || text === "Stderr") return text;
  throw badRequest(`query parameter stream: ${JSON.stringify(text)} is not one of All, Stdout, Stderr`);
}

function timeOf(text: string): string {
  const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;
  if (rfc3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw badRequest(`query parameter sinceTime: ${JSON.stringify(text)} is not an RFC 3339 time`);
}

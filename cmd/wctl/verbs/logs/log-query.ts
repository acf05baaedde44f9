import { Failure } from "../../errors/failure.ts";

export interface LogFlags {
  follow: boolean;
  previous: boolean;
  run: number | undefined;
  "all-runs": boolean;
  since: number | undefined;
  "since-time": string | undefined;
  tail: number | undefined;
  timestamps: boolean;
  raw: boolean;
  "limit-bytes": number | undefined;
  stream: string;
  selector: string | undefined;
}

/** The query of the `log` subresource; names and meanings are those of a Pod's (`PodLogOptions`). */
export function logQuery(flags: LogFlags): Record<string, string> {
  const { since, "since-time": sinceTime, "limit-bytes": limitBytes } = flags;
  if (since !== undefined && sinceTime !== undefined) {
    throw new Failure("at most one of --since-time or --since may be specified");
  }
  const runs = [flags.previous && "--previous", flags.run !== undefined && "--run", flags["all-runs"] && "--all-runs"];
  const named = runs.filter((name) => name !== false);
  if (named.length > 1) throw new Failure(`at most one of ${named.join(" or ")} may be specified`);
  if (flags.run !== undefined && flags.run < 1) throw new Failure("--run must be at least 1: runs count from 1");
  if (flags.raw && flags.timestamps) throw new Failure("at most one of --raw or --timestamps may be specified");
  if (since !== undefined && since <= 0) throw new Failure("--since must be greater than 0");
  if (limitBytes !== undefined && limitBytes <= 0) throw new Failure("--limit-bytes must be greater than 0");
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime))) {
    throw new Failure(`--since-time must be a time such as 2026-01-31T12:00:00Z, not ${JSON.stringify(sinceTime)}`);
  }
  const tail = flags.tail ?? (flags.selector === undefined ? -1 : 10);
  if (tail < -1) throw new Failure("--tail must be greater than or equal to -1");
  return {
    ...(flags.follow ? { follow: "true" } : {}),
    ...(flags.previous ? { previous: "true" } : {}),
    ...(flags.run === undefined ? {} : { run: String(flags.run) }),
    ...(flags["all-runs"] ? { allRuns: "true" } : {}),
    ...(since === undefined ? {} : { sinceSeconds: String(Math.ceil(since)) }),
    ...(sinceTime === undefined ? {} : { sinceTime: new Date(sinceTime).toISOString() }),
    ...(tail < 0 ? {} : { tailLines: String(tail) }),
    ...(flags.timestamps ? { timestamps: "true" } : {}),
    ...(flags.raw ? { raw: "true" } : {}),
    ...(limitBytes === undefined ? {} : { limitBytes: String(limitBytes) }),
    ...(flags.stream === "All" ? {} : { stream: flags.stream }),
  };
}

import { badRequest } from "../../api/errors.ts";

/** A client certificate that somebody asks for. */
export interface ClientRequest {
  user: string;
  groups: readonly string[];
  seconds: number;
}

const DAY = 86_400;
const DEFAULT_SECONDS = 30 * DAY;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 397 * DAY;
const MOST_GROUPS = 50;

/** `?user=jane&group=team&group=other&ttl=3600s`. Throws BadRequest. Names of the system are nobody's to ask for. */
export function clientRequestOf(query: URLSearchParams): ClientRequest {
  if (query.has("dryRun")) throw badRequest("dryRun: a certificate is made or it is not");
  const user = query.get("user") ?? "";
  const groups = query.getAll("group");
  if (groups.length > MOST_GROUPS) throw badRequest(`group: at most ${MOST_GROUPS} groups`);
  for (const [field, name] of [["user", user], ...groups.map((group) => ["group", group])] as [string, string][]) {
    if (!/^[\x21-\x7e]{1,64}$/.test(name))
      throw badRequest(`${field}: must be 1 to 64 printable characters without blanks`);
    if (name.startsWith("system:"))
      throw badRequest(`${field}: ${name} is a name of the system, which nobody is given`);
  }
  return { user, groups, seconds: secondsOf(query.get("ttl")) };
}

function secondsOf(ttl: string | null): number {
  const seconds = ttl === null ? DEFAULT_SECONDS : Number(/^(\d{1,9})s$/.exec(ttl)?.[1]);
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw badRequest(`ttl: must be seconds, ${LEAST_SECONDS}s to ${MOST_SECONDS}s`);
}

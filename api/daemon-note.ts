import { isObject, type JsonObject } from "../lib/json-object.ts";
import { oneLine } from "../lib/one-line.ts";

/** Its name in the data directory, beside `admin.kubeconfig`. */
export const DAEMON_NOTE = "daemon-note.json";
/** There while a daemon holds the data directory, and after one that was killed. */
export const DAEMON_HOLDER = "daemon.json";

/**
 * Why the API of a daemon does not answer, as the daemon has written it down for those who ask: it did not start, or it supervises without its API.
 * Whoever can write to the data directory can write it, so it is a claim: it decides nothing, and what is read of it is bounded and in single lines.
 */
export interface DaemonNote {
  state: "NotStarted" | "ApiShut";
  /** One word for programs: `DataDirCopied`. */
  reason: string;
  message: string;
  /** How to go on: a sentence with a command each. */
  ways: string[];
  /** RFC 3339. */
  at: string;
  /** Of the daemon. */
  pid: number;
}

/** Who holds a data directory. */
export interface DaemonHolder {
  pid: number;
  /** RFC 3339. */
  startedAt: string;
}

const MOST_CHARACTERS = 2_000;
const MOST_WAYS = 4;

/** Undefined for what is no note. */
export function parseDaemonNote(text: string): DaemonNote | undefined {
  const { state, reason, message, ways, at, pid } = parsed(text);
  if (state !== "NotStarted" && state !== "ApiShut") return undefined;
  if (typeof reason !== "string" || typeof message !== "string" || !Array.isArray(ways)) return undefined;
  if (!isTime(at) || !isPid(pid)) return undefined;
  const sentences = ways.filter((way) => typeof way === "string").slice(0, MOST_WAYS);
  return {
    state,
    reason: /^[A-Za-z]{1,64}$/.test(reason) ? reason : "Unknown",
    message: oneLine(message, MOST_CHARACTERS),
    ways: sentences.map((way) => oneLine(way, MOST_CHARACTERS)),
    at,
    pid,
  };
}

/** Undefined for what names nobody. */
export function parseDaemonHolder(text: string): DaemonHolder | undefined {
  const { pid, startedAt } = parsed(text);
  return isPid(pid) && isTime(startedAt) ? { pid, startedAt } : undefined;
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isPid = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const isTime = (value: unknown): value is string =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(value);

import type { Health } from "../../../api/health/health-status.ts";
import type { Colour, Paint } from "./colour.ts";

/** What a word says of how things are: as wanted, on the way, not as wanted, or put to rest. */
export type Tone = "good" | "busy" | "bad" | "quiet";

const COLOURS = { good: "green", busy: "yellow", bad: "red", quiet: "dim" } as const satisfies Record<Tone, Colour>;

/** The words of STATUS and Phase. Any other is the reason why something cannot run: runtimes learn new ones. */
const STATUS: Readonly<Record<string, Tone>> = {
  Running: "good",
  Ready: "good",
  Completed: "good",
  Succeeded: "good",
  Active: "good",
  Pending: "busy",
  Starting: "busy",
  Stopping: "busy",
  Terminating: "busy",
  Stopped: "quiet",
  "<none>": "quiet",
  "<unknown>": "quiet",
  "": "quiet",
};

/** The words of `api/health`. */
const HEALTH: Readonly<Record<Health, Tone>> = {
  Healthy: "good",
  Progressing: "busy",
  Degraded: "bad",
  Suspended: "quiet",
  Missing: "bad",
};

/** Of each condition: which status is bad. One that nobody knows has no colour. */
const BAD_CONDITION: Readonly<Record<string, "True" | "False">> = {
  Progressing: "False",
  Degraded: "True",
  Stalled: "True",
};

/** `Ready,SchedulingDisabled` is told by its first word. */
export const statusTone = (word: string | undefined): Tone | undefined => {
  if (word === undefined) return undefined;
  const [first = ""] = word.split(",", 1);
  return Object.hasOwn(STATUS, first) ? STATUS[first]! : "bad";
};

export const healthTone = (word: string): Tone | undefined =>
  Object.hasOwn(HEALTH, word) ? HEALTH[word as Health] : undefined;

/** What is not ready may be on its way, or stopped. */
export function conditionTone(type: string, status: string): Tone | undefined {
  if (["Ready", "Enforced", "ContentCurrent"].includes(type)) return status === "True" ? "good" : "busy";
  const bad = Object.hasOwn(BAD_CONDITION, type) ? BAD_CONDITION[type] : undefined;
  if (bad === undefined) return undefined;
  return status === bad ? "bad" : status === "Unknown" ? "busy" : "good";
}

/** Events are Normal, or a Warning. */
export const eventTone = (type: string): Tone | undefined => (type === "Warning" ? "busy" : undefined);

export const inTone = (paint: Paint, tone: Tone | undefined, text: string): string =>
  tone === undefined || text === "" ? text : paint(COLOURS[tone], text);

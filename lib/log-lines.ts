import { stripVTControlCharacters } from "node:util";

export interface LogEntry {
  level: string;
  message: string;
  time: Date;
  fields: Record<string, unknown>;
}

/** One JSON object: `time` (RFC 3339), `level`, `message`, then the fields; errors with stack and cause. */
export function jsonLine({ level, message, time, fields }: LogEntry): string {
  const { time: _time, level: _level, message: _message, ...rest } = fields;
  return JSON.stringify({ time: time.toISOString(), level, message, ...rest }, plain());
}

const colours: Record<string, number> = { debug: 90, info: 36, warn: 33, error: 31 };

/** `TIME LEVEL message key=value`, always one line, with nothing in it that a terminal would obey except our own colours. */
export function humanLine({ level, message, time, fields }: LogEntry, isColoured: boolean): string {
  const label = level.toUpperCase().padEnd(5);
  const shown = isColoured ? `\u001b[${colours[level] ?? 0}m${label}\u001b[0m` : label;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${harmless(key)}=${harmless(short(value))}`);
  return `${time.toISOString()} ${shown} ${harmless(message)}${pairs.join("")}`;
}

/** Escape sequences go; other control characters (C0, DEL, C1, line separators, bidirectional overrides) are shown. */
function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function short(value: unknown): string {
  if (value instanceof Error)
    return value.cause === undefined ? value.message : `${value.message}: ${short(value.cause)}`;
  if (typeof value === "string") return /[\s"=]/.test(value) || value === "" ? JSON.stringify(value) : value;
  return JSON.stringify(value, plain()) ?? "undefined";
}

/** A replacer under which every value has a JSON form: errors, big integers, and objects that contain themselves. */
function plain(): (this: unknown, key: string, value: unknown) => unknown {
  const path: { original: unknown; shown: unknown }[] = [];
  return function (_key, value) {
    if (typeof value === "bigint") return value.toString();
    if (typeof value !== "object" || value === null) return value;
    while (path.length > 0 && path.at(-1)?.shown !== this) path.pop();
    if (path.some(({ original }) => original === value)) return "[circular]";
    const shown = value instanceof Error ? fromError(value) : value;
    path.push({ original: value, shown });
    return shown;
  };
}

function fromError({ name, message, stack, cause, ...rest }: Error): object {
  return { ...rest, name, message, stack, ...(cause === undefined ? {} : { cause }) };
}

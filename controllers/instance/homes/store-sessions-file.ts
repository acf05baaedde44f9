import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { isObject } from "../../../lib/json-object.ts";
import { type Sessions, StoreSessions } from "./store-sessions.ts";

/** Begins a session at this revision of the store. Without the file it is the first one. Throws what the file system says. */
export function beginSession(file: string, revision: number): StoreSessions {
  const session = new StoreSessions(read(file), revision);
  write(file, session.sessions);
  return session;
}

/** Undefined where there is none, or it is damaged. */
function read(file: string): Sessions | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!isObject(value) || !Array.isArray(value.from)) return undefined;
    const isWhole = typeof value.id === "string" && [value.first, ...value.from].every(Number.isSafeInteger);
    return isWhole ? (value as unknown as Sessions) : undefined;
  } catch {
    return undefined;
  }
}

/** Not synced: after a power cut an older one, or none, only makes that more homes are kept. */
function write(file: string, sessions: Sessions): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(sessions)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

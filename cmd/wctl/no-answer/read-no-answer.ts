import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import {
  DAEMON_HOLDER,
  DAEMON_NOTE,
  type DaemonHolder,
  parseDaemonHolder,
  parseDaemonNote,
} from "../../../api/daemon-note.ts";
import { type NoAnswer, noAnswerOf } from "./no-answer.ts";

/** No daemon writes more. */
const MOST_BYTES = 32 * 1024;
/** It could be a pipe that nobody writes to, or a link to what others may not read. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Of the first of these data directories in which there is word of it. Never throws. */
export function readNoAnswer(dataDirs: readonly string[], now: Date): NoAnswer | undefined {
  for (const dataDir of dataDirs) {
    const note = parseDaemonNote(read(join(dataDir, DAEMON_NOTE)));
    const found = parseDaemonHolder(read(join(dataDir, DAEMON_HOLDER)));
    const why = noAnswerOf({ dataDir, note, holder: found && isRunning(found, now) ? found : undefined }, now);
    if (why) return why;
  }
  return undefined;
}

/** Empty where there is none to read. */
function read(file: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(file, FLAGS);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES) return "";
    const bytes = Buffer.alloc(stat.size);
    return bytes.toString("utf8", 0, readSync(fd, bytes));
  } catch {
    return "";
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A daemon that was killed has left its name behind; since the machine was started, its pid may be another program's. */
function isRunning({ pid, startedAt }: DaemonHolder, now: Date): boolean {
  if (Date.parse(startedAt) < now.getTime() - uptime() * 1_000) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // It is there, and belongs to somebody else.
  }
}

import type { DaemonHolder, DaemonNote } from "../../../api/daemon-note.ts";
import { age } from "../text/age.ts";
import { plainLine } from "../text/plain.ts";

/** Why no daemon answers, as far as a daemon has left word of it. */
export interface NoAnswer {
  /** One word: `DataDirCopied`. */
  reason: string;
  sentence: string;
  /** How to go on. */
  ways: readonly string[];
}

/** What is found in a data directory. */
export interface Traces {
  dataDir: string;
  note: DaemonNote | undefined;
  /** Only one that still runs. */
  holder: DaemonHolder | undefined;
}

/** Who holds the directory now counts before what an earlier daemon has noted. Pure. */
export function noAnswerOf({ dataDir, note, holder }: Traces, now: Date): NoAnswer | undefined {
  if (holder && note?.state === "ApiShut" && note.pid === holder.pid)
    return {
      reason: note.reason,
      sentence: `The daemon with pid ${holder.pid} supervises without its API, since ${age(note.at, now)}: ${note.message}`,
      ways: note.ways,
    };
  if (holder)
    return {
      reason: "DaemonSilent",
      sentence: `The daemon with pid ${holder.pid} has ${dataDir} since ${age(holder.startedAt, now)}, and does not answer: it is starting, or it hangs.`,
      ways: [`Its log tells more: wctld.log in ${dataDir}`],
    };
  if (note?.state !== "NotStarted") return undefined;
  return {
    reason: note.reason,
    sentence: `The daemon did not start on ${dataDir}, ${age(note.at, now)} ago: ${note.message}`,
    ways: note.ways,
  };
}

/** A claim of others, so nothing in it may look like a line of ours. */
export const noAnswerLines = ({ sentence, ways }: NoAnswer): string[] => [sentence, ...ways].map(plainLine);

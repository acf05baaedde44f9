import { setTimeout as pause } from "node:timers/promises";
import { IdleProcessors, mayBegin } from "./schedule.ts";
import { type FileOptions, type FileResult, type ProcessResult, runProcess } from "./test-file.ts";

/** Between two looks at the machine: the load of a new test file shows before the next one begins. */
const LOOK_MS = 300;

/**
 * Runs test files in this order, those of a list in one process, as many processes at once as the machine has room for. Results come as processes end.
 * Files that had not begun when their process ended run each in its own.
 */
export async function* runFiles(
  files: readonly (string | readonly string[])[],
  options: FileOptions,
): AsyncGenerator<FileResult> {
  const waiting = files.map((some) => (typeof some === "string" ? [some] : some));
  const running = new Map<string, Promise<ProcessResult>>();
  const room = new IdleProcessors();
  let idle = room.processors;
  while (waiting.length + running.size > 0) {
    while (waiting.length > 0 && mayBegin({ running: running.size, processors: room.processors, idle })) {
      const some = waiting.shift()!;
      running.set(some[0]!, runProcess(some, options));
      idle -= 1;
    }
    const ended = await Promise.race([...running.values(), pause(LOOK_MS)]);
    if (ended === undefined) idle = room.ask();
    else {
      running.delete(ended.results[0]!.file);
      yield* ended.results;
      waiting.push(...ended.notBegun.map((file) => [file]));
    }
  }
}

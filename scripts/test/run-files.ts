import { setTimeout as pause } from "node:timers/promises";
import { IdleProcessors, mayBegin } from "./schedule.ts";
import { type FileOptions, type FileResult, runFile } from "./test-file.ts";

/** Between two looks at the machine: the load of a new test file shows before the next one begins. */
const LOOK_MS = 300;

/** Runs test files in this order, as many at once as the machine has room for. Results come as files end. */
export async function* runFiles(files: readonly string[], options: FileOptions): AsyncGenerator<FileResult> {
  const waiting = [...files];
  const running = new Map<string, Promise<FileResult>>();
  const room = new IdleProcessors();
  let idle = room.processors;
  while (waiting.length + running.size > 0) {
    while (waiting.length > 0 && mayBegin({ running: running.size, processors: room.processors, idle })) {
      const file = waiting.shift()!;
      running.set(file, runFile(file, options));
      idle -= 1;
    }
    const ended = await Promise.race([...running.values(), pause(LOOK_MS)]);
    if (ended === undefined) idle = room.ask();
    else {
      running.delete(ended.file);
      yield ended;
    }
  }
}

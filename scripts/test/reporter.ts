// The reporter of `node:test` in each test file that the runner starts: it tells the runner of every test, as soon as Node does.
import { EventEmitter } from "node:events";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";
import { processorMs } from "./activity.ts";
import { END_OF_FILE, giveUp, type TestMessage } from "./messages.ts";

/** `told`: the runner has been told of the end of a file after which another one begins. */
export const boundaries = new EventEmitter<{ told: [] }>();

const tell = (message: TestMessage): void =>
  void process.send?.(message, () => message.type === "next" && boundaries.emit("told"));

process.on("message", (message) => {
  if (message !== giveUp) return;
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  tell({ type: "holds", resources: [...counts].map(([name, count]) => `${count} ${name}`).join(", ") });
});
// A file has ended when its tests have; whether the runner listens makes no difference.
process.channel?.unref();

/** What a reporter yields would be printed, and nothing is. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<never> {
  // Here, since Node's own listeners are there now.
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error: unknown) => afterwards(event, error));
  for await (const event of events) for (const message of messagesOf(event)) tell(message);
}

function* messagesOf({ type, data }: TestEvent): Generator<TestMessage> {
  if (type === "test:dequeue") yield { type: "begun", name: data.name };
  else if (type === "test:complete") yield { type: "ended", name: data.name };
  else if (type === "test:pass") {
    if (data.name === END_OF_FILE) yield { type: "next", processorMs: processorMs() };
    if (data.name === END_OF_FILE || data.details.type === "suite") return;
    const { name, skip } = data;
    if (skip === undefined || skip === false) yield { type: "passed", name, ms: data.details.duration_ms };
    else yield { type: "skipped", name, reason: typeof skip === "string" ? skip : "" };
  } else if (type === "test:fail") {
    const { error, duration_ms: ms } = data.details;
    // A suite fails with its tests; those have been told.
    if ((error as { failureType?: string }).failureType === "subtestsFailed") return;
    yield { type: "failed", name: data.name, ms, error: describe(error.cause ?? error) };
  } else if (type === "test:summary") yield { type: "done", processorMs: processorMs() };
}

/**
 * Node fails the test that an error comes from. When that one has ended it keeps the error until the process ends, with this exit code, where nobody can
 * tell of which file it was.
 */
const OF_NO_TEST = 1;

/** Node's own listener has been called just before. */
function afterwards(event: string, error: unknown): void {
  if (process.listenerCount(event) === 1) throw error; // Node listens no more, so nobody else would see it.
  if (process.exitCode !== OF_NO_TEST) return;
  process.exitCode = undefined;
  tell({ type: "failed", name: "after its test had ended", ms: 0, error: describe(error) });
}

/** Without the frames inside Node, which are the same for every test. */
function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.stack}` : inspect(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncause: ${describe(error.cause)}` : "";
  return text.replaceAll(/^ +at .*\(?node:internal.*\n?/gm, "") + cause;
}

// argv: LOGFILE KIND. Makes an error that nobody handles, in a process with the daemon's log and its thread that waits in the system.
import { EventEmitter } from "node:events";
import { listenForUnhandled } from "../../../../cmd/wctld/lifecycle/unhandled-errors.ts";
import { systemClock as clock } from "../../../../lib/clock.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { createLogger } from "../../../../lib/winston-logger.ts";
import { endsDaemon, startWorker } from "../../../../lib/worker.ts";

const [path = "", kind = ""] = process.argv.slice(2);
const log = createLogger({ level: "info", file: { path, maxBytes: 1e6, maxFiles: 1 } });
const stuck = new Promise<void>(() => {});
listenForUnhandled({
  clock,
  say: (message, fields) => log.error(message, fields),
  flush: () => (kind === "stuck" ? stuck : log.flush()),
});
setInterval(() => console.log("still here"), 30_000);
if (process.platform === "linux") {
  const { openContext } = await import("../../../../runtime/posix/open-context.ts");
  const { eventfd } = await import("../../../../runtime/posix/ffi/libc.ts");
  const { processes } = openContext({ dataDir: `${path}.data`, clock, logger: silentLogger, cgroupRoot: "none" });
  // When it has told of this it is at work, and waits for the next thing to happen.
  await new Promise<void>((told) => processes.notice(eventfd(1, 0) as number, told));
}
const makers: Record<string, () => unknown> = {
  throw: () => setTimeout(fail),
  stuck: () => setTimeout(fail),
  reject: () => void Promise.reject(new Error("made up")),
  event: () => setTimeout(() => new EventEmitter().emit("error", new Error("made up"))),
  thread: () => startWorker(new URL("./fails-worker.ts", import.meta.url), { lost: endsDaemon("made-up") }),
};
makers[kind]!();

function fail(): void {
  throw new Error("made up");
}

import { appendFileSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { InstanceFiles } from "../../runs/instance-files.ts";
import { RunProofs } from "../../runs/run-proofs.ts";
import { RunRecords } from "../../runs/run-records.ts";
import { DynamicUsers } from "../accounts/dynamic-users.ts";
import { openContainment } from "../containment/choose-containment.ts";
import { EPOLL_EVENT_DATA, EPOLLIN, SIZEOF_EPOLL_EVENT } from "../ffi/layout.ts";
import { epoll_wait, errno } from "../ffi/libc.ts";
import { TruncationInterceptor } from "../files/truncation-interceptor.ts";
import { endOf } from "../process/end-of-process.ts";
import type { StartContext } from "../start/start-context.ts";
import { systemError } from "../system-error.ts";
import { unwatchDescriptor, watchDescriptor } from "./epoll.ts";
import { PendingStarts } from "./pending-starts.ts";
import {
  type Begin,
  type FromWorker,
  OPENING,
  STOP,
  type ToWorker,
  WAKE,
  type Watched,
  type WorkerData,
} from "./process-messages.ts";

/**
 * Blocks in epoll_wait: it has no timer, no signal, and no thread of the pool. It reaps by pidfd only, so it never takes children of others in this
 * daemon (libuv's). It appends a run's exit to its record before anybody is told, so a daemon that is killed a moment later still knows it. It also
 * makes the starts, because posix_spawn stops its thread until the child has its image, our launcher; between two starts it tells of exits.
 */
const BATCH = 256;
const EINTR = 4;
/**
 * At most so many starts are reported together while more are waiting: each message makes the main thread write statuses, and these share one fsync.
 */
const STARTS_AT_ONCE = 8;
const USUAL_LOG_SIZE = 10 * 1024 * 1024;
const port = parentPort!;
const data = workerData as WorkerData;
const { epfd } = data;
const events = Buffer.alloc(SIZEOF_EPOLL_EVENT * BATCH);
const watched = new Map<number, Watched>();
const waiting: Begin[] = [];
const news: FromWorker[] = [];
const interceptor = openInterceptor();
const context = startContext();
const starts = new PendingStarts(epfd, context, (message, toWatch) => {
  news.push(message);
  if (toWatch) watched.set(toWatch.token, toWatch);
});

try {
  work();
} finally {
  interceptor?.close(); // Every open of a log that still waits goes on now.
}
context.containment.close();
port.close();

function work(): void {
  for (let running = true; running || starts.count > 0; ) {
    const count = epoll_wait(epfd, events, BATCH, running && waiting.length > 0 ? 0 : waitMs());
    if (count < 0 && errno() !== EINTR) throw systemError("epoll_wait", errno());
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) hear(next.message as ToWorker);
    for (let index = 0; index < count; index++) {
      const token = events.readUInt32LE(index * SIZEOF_EPOLL_EVENT + EPOLL_EVENT_DATA);
      if (token === STOP) running = false;
      else if (token === OPENING) interceptor?.answer();
      else if (!starts.answer(token)) take(token);
    }
    starts.look();
    if (interceptor?.waitMs !== undefined) interceptor.answer();
    const next = running ? waiting.shift() : undefined;
    if (next) starts.begin(next);
    if (waiting.length === 0 || news.length >= STARTS_AT_ONCE) tell();
  }
}

/** -1: until something happens. */
function waitMs(): number {
  const waits = [interceptor?.waitMs, starts.waitMs].filter((wait) => wait !== undefined);
  return waits.length > 0 ? Math.min(...waits) : -1;
}

function openInterceptor(): TruncationInterceptor | undefined {
  const opened = TruncationInterceptor.open(notKept, maxSizeOf);
  if (opened) watchDescriptor(epfd, opened.fd, OPENING, EPOLLIN);
  return opened;
}

/** In bytes, as the run was started with; the usual size when its record is lost. */
function maxSizeOf(log: string): number {
  const uid = context.files.writerOf(log);
  return (uid === undefined ? undefined : context.records.last(uid))?.logs.maxSize ?? USUAL_LOG_SIZE;
}

function protect(log: string): void {
  try {
    interceptor?.protect(log);
  } catch (error) {
    warn("what stands in a log is lost when others empty it", error);
  }
}

function notKept(error: unknown): void {
  warn("what stood in a log before others emptied it could not be kept", error);
}

function warn(warning: string, error: unknown): void {
  news.push({ warning, fields: { error: String(error) } });
}

function tell(): void {
  if (news.length > 0) port.postMessage(news.splice(0));
}

function hear(message: ToWorker): void {
  if ("forget" in message) watched.delete(message.forget);
  else if ("begin" in message) waiting.push(message);
  else if ("protect" in message) protect(message.protect);
  else watched.set(message.token, message);
}

function take(token: number): void {
  const item = token === WAKE ? undefined : watched.get(token);
  if (!item) return;
  if (item.kind === "notice") {
    news.push({ token });
    return;
  }
  watched.delete(token);
  try {
    unwatchDescriptor(epfd, item.fd);
  } catch (error) {
    news.push({ warning: "an ended process could not be taken out of the watch", fields: { error: String(error) } });
  }
  if (item.kind === "member") {
    news.push({ token });
    return;
  }
  warnOfFailure(item);
  const exit = { ...endOf(item.fd, item.pid), finishedAt: new Date().toISOString() };
  if (item.record !== undefined) record(item.record, exit);
  news.push({ token, exit });
}

/** Warns of a start that took so long that it counted as begun, and then failed. */
function warnOfFailure({ execOutcome, record: file }: Watched): void {
  const answer = execOutcome?.answer();
  execOutcome?.close();
  if (answer instanceof Error) warn(`a program that was slow to begin has not begun after all (${file})`, answer);
}

function record(path: string, exit: object): void {
  try {
    appendFileSync(path, `${JSON.stringify({ exit })}\n`);
  } catch {
    // A full disk or a removed folder costs the record of this exit, never its report.
  }
}

function startContext(): StartContext {
  const { dataDir, dataId, bootId, attributes, unenforcedLogs } = data;
  const files = new InstanceFiles(dataDir);
  const logger: Logger = { ...silentLogger, warn: (warning, fields) => void news.push({ warning, fields }) };
  const proofs = new RunProofs(dataDir);
  const containment = openContainment(data.containment, dataId, proofs);
  const records = new RunRecords(files);
  const users = new DynamicUsers(dataDir, dataId, files);
  const common = { dataId, bootId, files, records, proofs, containment };
  return { ...common, attributes, users, unenforcedLogs, logger, protectLog: protect };
}

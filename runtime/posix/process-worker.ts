import { appendFileSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Logger, silentLogger } from "../../lib/logger.ts";
import { InstanceFiles } from "../instance-files.ts";
import { RunRecords } from "../run-records.ts";
import { StartError } from "../runtime.ts";
import { openContainment } from "./choose-containment.ts";
import { endOf } from "./end-of-process.ts";
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_EVENT_DATA, EPOLLIN, SIZEOF_EPOLL_EVENT } from "./ffi/layout.ts";
import { epoll_ctl, epoll_wait } from "./ffi/libc.ts";
import {
  type Begin,
  type FromWorker,
  STOP,
  type ToWorker,
  WAKE,
  type Watched,
  type Woken,
  type WorkerData,
} from "./process-messages.ts";
import { type LaunchContext, startRun } from "./start-run.ts";

/**
 * Blocks in epoll_wait; no timer, no signal, no thread of the pool. Reaps by pidfd only, so children of others in this daemon
 * (libuv's) are never taken. A run's exit is appended to its record before anybody is told: a daemon killed a moment later still knows it.
 * Starts are made here too, since posix_spawn stops its thread until the child has its image; between two starts exits are told.
 */
const BATCH = 256;
const port = parentPort!;
const data = workerData as WorkerData;
const { epfd } = data;
const events = Buffer.alloc(SIZEOF_EPOLL_EVENT * BATCH);
const watched = new Map<number, Watched>();
const waiting: Begin[] = [];
const tell = (message: FromWorker): void => port.postMessage(message);
const context = launchContext();

for (let running = true; running; ) {
  const count = epoll_wait(epfd, events, BATCH, waiting.length > 0 ? 0 : -1);
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) hear(next.message as ToWorker);
  const woken: Woken[] = [];
  for (let index = 0; index < count; index++) {
    const token = events.readUInt32LE(index * SIZEOF_EPOLL_EVENT + EPOLL_EVENT_DATA);
    if (token === STOP) running = false;
    else take(token, woken);
  }
  if (woken.length > 0) tell(woken);
  const next = running ? waiting.shift() : undefined;
  if (next) begin(next);
}
context.containment.close();
port.close();

function hear(message: ToWorker): void {
  if ("forget" in message) watched.delete(message.forget);
  else if ("begin" in message) waiting.push(message);
  else watched.set(message.token, message);
}

function begin({ begin: token, spec, startedAt }: Begin): void {
  try {
    const { record, pidfd } = startRun(context, spec, startedAt);
    const { fd, pid } = pidfd;
    tell({ born: token, record, pidfd: fd });
    watched.set(token, { token, fd, pid, kind: "process", record: context.files.record(spec.uid, spec.run) });
    const event = Buffer.alloc(SIZEOF_EPOLL_EVENT);
    event.writeInt32LE(EPOLLIN, 0);
    event.writeUInt32LE(token, EPOLL_EVENT_DATA);
    epoll_ctl(epfd, EPOLL_CTL_ADD, fd, event);
  } catch (error) {
    const reason = error instanceof StartError ? { reason: error.reason } : {};
    tell({ failed: token, ...reason, message: error instanceof Error ? error.message : String(error) });
  }
}

function take(token: number, woken: Woken[]): void {
  const item = token === WAKE ? undefined : watched.get(token);
  if (!item) return;
  if (item.kind === "notice") {
    woken.push({ token });
    return;
  }
  epoll_ctl(epfd, EPOLL_CTL_DEL, item.fd, null);
  watched.delete(token);
  if (item.kind === "member") {
    woken.push({ token });
    return;
  }
  const exit = { ...endOf(item.fd, item.pid), finishedAt: new Date().toISOString() };
  if (item.record !== undefined) record(item.record, exit);
  woken.push({ token, exit });
}

function record(path: string, exit: object): void {
  try {
    appendFileSync(path, `${JSON.stringify({ exit })}\n`);
  } catch {
    // A full disk or a removed folder costs the record of this exit, never its report.
  }
}

function launchContext(): LaunchContext {
  const { dataDir, dataId, bootId, unenforcedLogs } = data;
  const files = new InstanceFiles(dataDir);
  const logger: Logger = { ...silentLogger, warn: (warning, fields) => tell({ warning, fields }) };
  const containment = openContainment(data.containment, dataId);
  return { dataId, bootId, files, records: new RunRecords(files), containment, unenforcedLogs, logger };
}

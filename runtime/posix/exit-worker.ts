import { appendFileSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { endOf } from "./end-of-process.ts";
import { STOP, type ToWorker, type Watched, type Woken, type WorkerData } from "./exit-messages.ts";
import { EPOLL_CTL_DEL, EPOLL_EVENT_DATA, SIZEOF_EPOLL_EVENT } from "./ffi/layout.ts";
import { epoll_ctl, epoll_wait } from "./ffi/libc.ts";

/**
 * Blocks in epoll_wait; no timer, no signal, no thread of the pool. Reaps by pidfd only, so children of others in this daemon
 * (libuv's) are never taken. A run's exit is appended to its record before anybody is told: a daemon killed a moment later still knows it.
 */
const BATCH = 256;
const port = parentPort!;
const { epfd } = workerData as WorkerData;
const events = Buffer.alloc(SIZEOF_EPOLL_EVENT * BATCH);
const watched = new Map<number, Watched>();

for (let running = true; running; ) {
  const count = epoll_wait(epfd, events, BATCH, -1);
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    const item = next.message as ToWorker;
    if ("forget" in item) watched.delete(item.forget);
    else watched.set(item.token, item);
  }
  const woken: Woken[] = [];
  for (let index = 0; index < count; index++) {
    const at = index * SIZEOF_EPOLL_EVENT + EPOLL_EVENT_DATA;
    const token = events.readUInt32LE(at);
    if (token === STOP) running = false;
    else take(token, woken);
  }
  if (woken.length > 0) port.postMessage(woken);
}
port.close();

function take(token: number, woken: Woken[]): void {
  const item = watched.get(token);
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

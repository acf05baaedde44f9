import { parentPort, workerData } from "node:worker_threads";
import { constants } from "../ffi/constants.ts";
import { loadWinapi } from "../ffi/winapi.ts";
import { type JobMessage, STOP, type WorkerData } from "./exit-messages.ts";

/** Blocks in GetQueuedCompletionStatus for all jobs: it has no timer, and no thread of the pool. It passes on together what came together. */
const BATCH = 512;
const api = loadWinapi();
const port = parentPort!;
const { port: completionPort } = workerData as WorkerData;
const [bytes, key, overlapped] = [Buffer.alloc(4), Buffer.alloc(8), Buffer.alloc(8)] as const;

for (let running = true; running; ) {
  const batch: JobMessage[] = [];
  for (let wait: number = constants.INFINITE; batch.length < BATCH; wait = 0) {
    if (!api.GetQueuedCompletionStatus(completionPort, bytes, key, overlapped, wait)) break;
    const message = {
      key: Number(key.readBigUInt64LE(0)),
      message: bytes.readUInt32LE(0),
      pid: Number(overlapped.readBigUInt64LE(0)),
    };
    if (message.key === STOP) running = false;
    else batch.push(message);
  }
  if (batch.length > 0) port.postMessage(batch);
}
port.close();

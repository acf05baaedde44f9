// Makes the calls that may take long, one after the other, and posts the result of each. `null` ends it.
import { parentPort } from "node:worker_threads";
import type { BlockingReply, BlockingRequest } from "./blocking-calls.ts";
import { loadWinapi } from "./ffi/winapi.ts";

const api = loadWinapi();
const port = parentPort!;

port.on("message", (request: BlockingRequest | null) => {
  if (!request) return port.close();
  const { id, name, args } = request;
  const value = (api[name] as (...all: unknown[]) => number)(...args);
  port.postMessage({ id, value, code: value ? 0 : api.GetLastError() } satisfies BlockingReply);
});

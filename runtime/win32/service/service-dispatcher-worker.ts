// Lends its thread to the service control manager: StartServiceCtrlDispatcherW returns when the service has stopped. It gets a
// thread of its own because the thread pool is shared with files, DNS and TLS. ServiceMain and the control listener were made by
// the main thread and run there.
import { parentPort, workerData } from "node:worker_threads";
import { loadServiceApi } from "../ffi/service-api.ts";
import { serviceStructs } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";

const { serviceMain } = workerData as { serviceMain: bigint };
const api = loadServiceApi();
const name = Buffer.from("wctl\0", "utf16le"); // Windows does not look at it in a process that hosts a single service.
const entry = serviceStructs.SERVICE_TABLE_ENTRYW;
const table = Buffer.concat([
  encode(entry, { lpServiceName: api.addressOf(name), lpServiceProc: serviceMain }),
  encode(entry, {}),
]);
const succeeded = api.StartServiceCtrlDispatcherW(table) !== 0;
const code = succeeded ? 0 : api.GetLastError();
parentPort!.postMessage({ code, heldUntilNow: name.length });

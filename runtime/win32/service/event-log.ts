import type { ServiceApi, ServiceHandle } from "../ffi/service-api.ts";
import { serviceConstants as c, HKEY_LOCAL_MACHINE } from "../ffi/service-constants.ts";
import { ServiceError } from "./service-error.ts";
import { wide } from "./wide-text.ts";

/** A message file that Windows ships. Each of its messages 1 to 1000 is "%1", so our source needs no message file of its own. */
const MESSAGE_FILE = "%SystemRoot%\\System32\\EventCreate.exe";
const SOURCES = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application";
/** ReportEventW refuses texts of more than 31,839 characters. */
const LONGEST_TEXT = 30_000;

export type EventKind = "error" | "warning" | "information";

const types: Record<EventKind, number> = {
  error: c.EVENTLOG_ERROR_TYPE,
  warning: c.EVENTLOG_WARNING_TYPE,
  information: c.EVENTLOG_INFORMATION_TYPE,
};

/** Writes to Windows' event log (Application). An entry that can't be written is lost, because the event log must never stop the daemon. */
export class EventLog {
  readonly #api: ServiceApi;
  readonly #handle: ServiceHandle;

  constructor(api: ServiceApi, source: string) {
    this.#api = api;
    this.#handle = api.RegisterEventSourceW(null, source);
  }

  /** @param id 1 to 1000 */
  report(kind: EventKind, id: number, text: string): void {
    const message = wide(text.slice(0, LONGEST_TEXT).replaceAll("\0", ""));
    const strings = Buffer.concat([Buffer.alloc(8), message]); // One Buffer, so that the text lives as long as the pointer to it.
    strings.writeBigUInt64LE(this.#api.addressOf(strings) + 8n);
    this.#api.ReportEventW(this.#handle, types[kind], 0, id, null, 1, 0, strings, null);
  }

  close(): void {
    this.#api.DeregisterEventSource(this.#handle);
  }
}

/** Registers the source, so that the Event Viewer finds the texts of its events. Throws ServiceError. */
export function registerEventSource(api: ServiceApi, source: string): void {
  const path = `${SOURCES}\\${source}`;
  const check = (call: string, code: number): void => {
    if (code !== 0) throw new ServiceError(call, `HKLM\\${path}`, code);
  };
  const out = Buffer.alloc(8);
  const { REG_OPTION_NON_VOLATILE, KEY_SET_VALUE, REG_EXPAND_SZ, REG_DWORD } = c;
  check(
    "RegCreateKeyExW",
    api.RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, null, REG_OPTION_NON_VOLATILE, KEY_SET_VALUE, null, out, null),
  );
  const key = Number(out.readBigInt64LE());
  try {
    const file = wide(MESSAGE_FILE);
    check("RegSetValueExW", api.RegSetValueExW(key, "EventMessageFile", 0, REG_EXPAND_SZ, file, file.length));
    const all = Buffer.alloc(4);
    all.writeUInt32LE(types.error | types.warning | types.information);
    check("RegSetValueExW", api.RegSetValueExW(key, "TypesSupported", 0, REG_DWORD, all, all.length));
  } finally {
    api.RegCloseKey(key);
  }
}

/** Removes the source; does nothing when there is none. Throws ServiceError. */
export function removeEventSource(api: ServiceApi, source: string): void {
  const path = `${SOURCES}\\${source}`;
  const code = api.RegDeleteKeyW(HKEY_LOCAL_MACHINE, path);
  if (code !== 0 && code !== c.ERROR_FILE_NOT_FOUND) throw new ServiceError("RegDeleteKeyW", `HKLM\\${path}`, code);
}

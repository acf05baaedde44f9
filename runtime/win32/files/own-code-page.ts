import type { LogEncoding, LogPolicy, Unenforced } from "../../runtime.ts";
import type { Winapi } from "../ffi/winapi.ts";

/** https://learn.microsoft.com/en-us/windows/win32/intl/code-page-identifiers: those that a Windows has as its OEM or ANSI code page. */
const NAMES: Readonly<Record<number, LogEncoding>> = {
  437: "ibm437",
  720: "ibm720",
  737: "ibm737",
  775: "ibm775",
  850: "ibm850",
  852: "ibm852",
  855: "ibm855",
  857: "ibm857",
  858: "ibm858",
  862: "ibm862",
  866: "ibm866",
  874: "windows-874",
  932: "shift_jis",
  936: "gbk",
  949: "euc-kr",
  950: "big5",
  1250: "windows-1250",
  1251: "windows-1251",
  1252: "windows-1252",
  1253: "windows-1253",
  1254: "windows-1254",
  1255: "windows-1255",
  1256: "windows-1256",
  1257: "windows-1257",
  1258: "windows-1258",
  54936: "gb18030",
  65001: "UTF-8",
};

/**
 * Gives `logs.encoding: OEM` and `ANSI` their real name, so that the record of a run says what its output was written in, whatever this Windows is
 * set to when somebody reads it.
 */
export function namedEncoding(api: Winapi, logs: LogPolicy): { logs: LogPolicy; unenforced: Unenforced[] } {
  if (logs.encoding !== "OEM" && logs.encoding !== "ANSI") return { logs, unenforced: [] };
  const codePage = logs.encoding === "OEM" ? api.GetOEMCP() : api.GetACP();
  const encoding = NAMES[codePage];
  if (encoding !== undefined) return { logs: { ...logs, encoding }, unenforced: [] };
  const reason = `the ${logs.encoding} code page of this Windows is ${codePage}, which is not known here: logs are read as UTF-8`;
  return { logs: { ...logs, encoding: "UTF-8" }, unenforced: [{ field: "logs.encoding", reason }] };
}

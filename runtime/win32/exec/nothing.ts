import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { openInheritable } from "../files/output-files.ts";

/** Lends a standard input that is empty. */
export function withNothing<T>(api: Winapi, use: (stdin: Handle) => T): T {
  const handle = openInheritable(api, "NUL", constants.GENERIC_READ, constants.OPEN_EXISTING);
  try {
    return use(handle);
  } finally {
    api.CloseHandle(handle);
  }
}

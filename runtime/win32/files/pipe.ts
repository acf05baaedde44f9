import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";

/** So many bytes the kernel keeps while nobody reads: a program can print as much without waiting. */
export const PIPE_ROOM = 64 * 1024;

/**
 * A pipe without a name that others could find, open or take first. Both ends are held from the moment it is there: ours, and the program's, which it
 * inherits. `theirs`: what the program does with it. Throws Win32Error.
 */
export function openPipe(api: Winapi, theirs: "reads" | "writes"): { ours: Handle; theirs: Handle } {
  const [read, write] = [Buffer.alloc(8), Buffer.alloc(8)] as const;
  must(api, "CreatePipe", api.CreatePipe(read, write, null, PIPE_ROOM));
  const [reader, writer] = [Number(read.readBigUInt64LE()), Number(write.readBigUInt64LE())];
  const [ours, given] = theirs === "writes" ? [reader, writer] : [writer, reader];
  try {
    return { ours, theirs: inheritableCopy(api, given) };
  } catch (error) {
    api.CloseHandle(ours);
    throw error;
  }
}

/** Takes the handle over. */
function inheritableCopy(api: Winapi, handle: Handle): Handle {
  const [self, copy] = [api.GetCurrentProcess(), Buffer.alloc(8)] as const;
  const how = constants.DUPLICATE_SAME_ACCESS | constants.DUPLICATE_CLOSE_SOURCE;
  must(api, "DuplicateHandle", api.DuplicateHandle(self, handle, self, copy, 0, 1, how));
  return Number(copy.readBigUInt64LE());
}

import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";

/** When a window closes while we enumerate, the enumeration ends early. We begin it again, at most so often. */
const WALKS = 3;
const MOST_WINDOWS = 10_000;

/** Posts WM_CLOSE to every top-level window of these processes. True when there was one. Sees the windows of its own desktop only. */
export function closeWindows(api: Winapi, pids: ReadonlySet<number>): boolean {
  const asked = new Set<Handle>();
  for (let walk = 0; walk < WALKS; walk++) {
    let window = 0;
    for (let count = 0; count < MOST_WINDOWS; count++) {
      window = api.FindWindowExW(0, window, null, null);
      if (window === 0) break;
      if (asked.has(window) || !pids.has(ownerOf(api, window))) continue;
      if (api.PostMessageW(window, constants.WM_CLOSE, 0, 0)) asked.add(window);
    }
  }
  return asked.size > 0;
}

function ownerOf(api: Winapi, window: Handle): number {
  const pid = Buffer.alloc(4);
  api.GetWindowThreadProcessId(window, pid);
  return pid.readUInt32LE(0);
}

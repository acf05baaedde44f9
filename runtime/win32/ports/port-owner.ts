import { answering } from "../../ports/answering.ts";
import type { PortOwner } from "../../ports/port-owner.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { describeProcess, listenersAt } from "./port-holder.ts";

/**
 * Whose a listening socket is: the system's table names the process that made it, and the job of the instance its members. On Windows several may
 * listen at one address (SO_REUSEADDR), so every one of them has to be a member.
 */
export function portOwner(
  api: Winapi,
  { port, host }: { port: number; host: string },
  members: readonly number[],
  labelOf: (pid: number) => string | undefined,
): PortOwner {
  const listeners = answering(listenersAt(api, port), host);
  if (listeners.length === 0) return { by: "nobody" };
  const other = listeners.find(({ pid }) => pid !== 0 && !members.includes(pid));
  if (other) {
    const label = labelOf(other.pid);
    return { by: "other", who: `${describeProcess(api, other.pid)}${label === undefined ? "" : `, of ${label}`}` };
  }
  if (listeners.some(({ pid }) => pid === 0)) return { by: "unknown", why: "the system does not name its process" };
  return { by: "own", sockets: listeners.map(({ pid }) => pid).join() };
}

import type { Socket } from "node:net";
import { SIZEOF_UCRED, SO_PEERCRED, SOL_SOCKET, UCRED_UID } from "../ffi/layout.ts";
import { getsockopt } from "../ffi/libc.ts";

/**
 * As which user the other end of a Unix socket has connected: what the kernel wrote down then (unix(7), SO_PEERCRED), so it stays true when that program
 * has gone, became somebody else, or gave its descriptor away. Undefined when the connection has ended, or has come by something else.
 */
export function peerUid(socket: Socket): number | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  const credentials = Buffer.alloc(SIZEOF_UCRED);
  const length = [SIZEOF_UCRED];
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) !== 0 || length[0] !== SIZEOF_UCRED)
    return undefined;
  const pid = credentials.readInt32LE(0);
  // The kernel has nothing to say of an internet socket: no process, and nobody.
  return pid === 0 ? undefined : credentials.readUInt32LE(UCRED_UID);
}

/** Node shows a connection's descriptor only to itself. */
function descriptorOf(socket: Socket): number | undefined {
  const fd: unknown = (socket as { _handle?: { fd?: unknown } })._handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

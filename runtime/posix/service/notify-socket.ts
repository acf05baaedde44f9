import { AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, O_CLOEXEC, SOCK_DGRAM } from "../ffi/layout.ts";
import { close, errno, sendto, socket } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

/**
 * Tells whoever started the daemon how it is: sd_notify(3), one datagram. `path`: of NOTIFY_SOCKET; one that begins with `@` is in the abstract name space.
 * Throws a system error.
 */
export function notify(path: string, assignments: readonly string[]): void {
  const fd = socket(AF_UNIX, SOCK_DGRAM | O_CLOEXEC, 0);
  if (fd < 0) throw systemError("socket", errno());
  try {
    const message = Buffer.from(assignments.map((line) => line.replaceAll("\n", " ")).join("\n"));
    const address = addressOf(path);
    const sent = sendto(fd, message, message.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length);
    if (Number(sent) < 0) throw systemError("sendto", errno());
  } finally {
    close(fd);
  }
}

/** unix(7): an abstract name begins with a zero and has its own length. */
function addressOf(path: string): Buffer {
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`;
  return Buffer.concat([family, Buffer.from(name)]);
}

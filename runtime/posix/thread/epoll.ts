import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_EVENT_DATA, SIZEOF_EPOLL_EVENT } from "../ffi/layout.ts";
import { epoll_ctl, errno } from "../ffi/libc.ts";
import { systemError } from "../system-error.ts";

const ENOENT = 2;

/** `events` as in epoll_ctl(2); `token` comes back with each of them. Throws a system error: the user's limit of watches (ENOSPC), for one. */
export function watchDescriptor(epfd: number, fd: number, token: number, events: number): void {
  const event = Buffer.alloc(SIZEOF_EPOLL_EVENT);
  event.writeInt32LE(events | 0, 0);
  event.writeUInt32LE(token, EPOLL_EVENT_DATA);
  if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, event) !== 0) throw systemError("epoll_ctl", errno(), { fd });
}

/** Does nothing when the other thread has taken it out already. Throws a system error. */
export function unwatchDescriptor(epfd: number, fd: number): void {
  if (epoll_ctl(epfd, EPOLL_CTL_DEL, fd, null) === 0) return;
  const code = errno();
  if (code !== ENOENT) throw systemError("epoll_ctl", code, { fd });
}

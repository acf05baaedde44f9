import { close } from "../ffi/libc.ts";
import { aside } from "../launcher/aside.ts";
import { openPipe } from "./pipe.ts";

/** Calls `act` with the descriptor of a gate (`Gate.fd`) that is closed until `act` returns or throws, or until this daemon ends. */
export function behindGate<T>(act: (fd: number) => T): T {
  const { read, write } = openPipe();
  let fd: number | undefined;
  try {
    fd = aside(read); // closes `read` even where it fails
    return act(fd);
  } finally {
    if (fd !== undefined) close(fd);
    close(write);
  }
}

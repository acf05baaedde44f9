import type { Socket } from "node:net";

/** A connection to a Unix socket or a named pipe. Undefined when nobody answers there, for no daemon runs, it has no room, or we may not. */
export function connected(path: string): Promise<Socket | undefined> {
  const { connect } = process.getBuiltinModule("node:net");
  return new Promise((resolve) => {
    const socket = connect(path);
    const gone = (): void => resolve(undefined);
    socket.once("error", gone);
    socket.once("connect", () => {
      socket.off("error", gone);
      resolve(socket);
    });
  });
}

/** Where the local door of a daemon is: a socket in its data directory, or a named pipe of Windows (what follows `\\.\pipe\`). No other machine gets there. */
export type DoorAddress = { socket: string } | { pipe: string };

/** Below this prefix Windows lets nobody but itself and administrators make a pipe: no stranger waits there for what is meant for the daemon. */
const PROTECTED = "ProtectedPrefix\\Administrators\\wctl\\";

/** `id`: of the data directory. */
export const doorPipe = (id: string): string => `${PROTECTED}${id}`;

/** Undefined for every other name than `doorPipe` gives: anybody could have made a pipe of that name. */
export const pipePath = (pipe: string): string | undefined =>
  pipe.startsWith(PROTECTED) && /^[\w-]+$/.test(pipe.slice(PROTECTED.length)) ? `\\\\.\\pipe\\${pipe}` : undefined;

/** Every request by the door names this host, and no other: it shows that nobody between has handed it on. */
export const DOOR_HOST = "wctl";

/** The name of the socket in the data directory. A kubeconfig that names another one leads us to another program. */
export const DOOR_SOCKET = "wctl.sock";

/** Under this name the context of a kubeconfig has the door, as an extension: other clients pass over it. */
export const DOOR_EXTENSION = "wctl.dev/local-door";

/**
 * By what a certificate (PEM) is told from others: the end of its signature. The door lets in the administrator, so a kubeconfig names it for his
 * certificate only, and not for whom somebody has put in his place.
 */
export const certificateEnd = (pem: string): string =>
  pem
    .trimEnd()
    .replace(/-----END [A-Z ]+-----$/, "")
    .replace(/\s+/g, "")
    .slice(-32);

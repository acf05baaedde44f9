/** System errors in the words of Go's `net` package, which people know from kubelet and search for. */
const words: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  ETIMEDOUT: "connect: connection timed out",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
  EACCES: "connect: permission denied",
  EPERM: "connect: operation not permitted",
  EMFILE: "socket: too many open files",
};

/** `dial tcp 127.0.0.1:8080: connect: connection refused` */
export function dialError(error: unknown, address: string): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code = "", message } = first as NodeJS.ErrnoException;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${hostOf(address)}: no such host`;
  return `dial tcp ${address}: ${words[code] ?? message}`;
}

/** `127.0.0.1:8080`, `[::1]:8080` */
export const joinHostPort = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(":"));

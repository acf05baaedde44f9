import { UsageError } from "../config/options.ts";
import { StartRefused } from "../start-refused.ts";

/**
 * Why the API cannot be served at this address, and what to do. An address that can never work is a wrong flag. `holder`: who has the
 * port, when that is known.
 */
export function listenError({ host, port }: { host: string; port: number }, cause: unknown, holder?: string): Error {
  const where = `--listen: ${host.includes(":") ? `[${host}]` : host}:${port}`;
  switch ((cause as NodeJS.ErrnoException).code) {
    case "EADDRINUSE": {
      // Who is not seen may be gone, or the system does not tell.
      const who = holder ?? "or was a moment ago";
      const sentence = `${where} is in use by another program, ${who}; choose another port, or 0 for a free one`;
      return new StartRefused("PortInUse", sentence, { cause });
    }
    case "EACCES":
      return new UsageError(`${where}: this user may not listen there; choose a port above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UsageError(`${where}: ${host} is no address of this machine; 127.0.0.1 is for programs here only`);
    default:
      return cause instanceof Error ? cause : new Error(String(cause));
  }
}

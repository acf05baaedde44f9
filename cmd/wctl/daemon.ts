import type { Door } from "../../api/http/door/door.ts";
import { type DoorAddress, pipePath } from "../../api/http/door/door-address.ts";
import { PipeDoor } from "../../api/http/door/pipe-door.ts";
import { SocketDoor } from "../../api/http/door/socket-door.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import type { DataDirs } from "./data-dirs.ts";
import type { ManifestChecks } from "./manifest-checks.ts";
import type { Services } from "./services.ts";

/** The one place where the CLI reaches the daemon's code; lazily, so that no other verb pays for it. Resolves with the exit code. */
export const runDaemon = async (argv: string[]): Promise<number> => (await import("../wctld/main.ts")).main(argv);

/** Not a verb: the daemon starts this program for each console event it sends. */
export const sendConsoleEvent = async (args: readonly string[]): Promise<number> =>
  (await import("../wctld/main.ts")).sendConsoleEvent(args);

/** The daemon's code knows Windows' service control manager too. Rejects where there is none. */
export const openServices = async (): Promise<Services> => (await import("../wctld/main.ts")).openServices();

/** It knows the files of a data directory too. */
export const openDataDirs = async (): Promise<DataDirs> => (await import("../wctld/main.ts")).openDataDirs();

/** It knows what a server checks of a manifest too. */
export const openManifestChecks = async (): Promise<ManifestChecks> =>
  (await import("../wctld/main.ts")).openManifestChecks();

/** It knows what each kind is to a server too. */
export const customResourceDefinitions = async (): Promise<object[]> =>
  (await import("../wctld/main.ts")).customResourceDefinitions();

/** Says who could have written a file that nobody named, where owners and modes do not say it (Windows): it reads the access list. */
export const localTrust: { trust?: () => Promise<PathTrust> } =
  process.getuid === undefined ? { trust: async () => (await import("../wctld/main.ts")).inputTrust() } : {};

/** The way into the daemon of this machine, where this system has one of that kind. */
export function localDoor(address: DoorAddress, warn: (text: string) => void): { door?: Door } {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  const isPosix = uid !== undefined && gid !== undefined;
  if ("socket" in address)
    return isPosix ? { door: new SocketDoor({ path: address.socket, user: { uid, gid }, warn }) } : {};
  const path = pipePath(address.pipe);
  return isPosix || path === undefined ? {} : { door: new PipeDoor(path) };
}

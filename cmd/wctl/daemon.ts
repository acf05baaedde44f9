import type { PathTrust } from "../../lib/path-trust.ts";
import type { Services } from "./services.ts";

/** The one place where the CLI reaches the daemon's code; lazily, so that no other verb pays for it. Resolves with the exit code. */
export const runDaemon = async (argv: string[]): Promise<number> => (await import("../wctld/main.ts")).main(argv);

/** Not a verb: the daemon starts this program for each console event it sends. */
export const sendConsoleEvent = async (args: readonly string[]): Promise<number> =>
  (await import("../wctld/main.ts")).sendConsoleEvent(args);

/** The daemon's code knows Windows' service control manager too. Rejects where there is none. */
export const openServices = async (): Promise<Services> => (await import("../wctld/main.ts")).openServices();

/** Says who could have written a file that nobody named, where owners and modes do not say it (Windows): it reads the access list. */
export const localTrust: { trust?: () => Promise<PathTrust> } =
  process.getuid === undefined ? { trust: async () => (await import("../wctld/main.ts")).inputTrust() } : {};

import { stderr, stdout } from "node:process";
import { systemClock } from "../../lib/clock.ts";
import { SqliteJournal } from "../../store/sqlite/sqlite-journal.ts";
import { DataDirInUse } from "./data-dir/data-dir-lock.ts";
import { defaultDataDir } from "./data-dir/default-data-dir.ts";
import type { DaemonHost } from "./lifecycle/daemon-host.ts";

export { inputTrust } from "./config/input-trust.ts";

import { dataDirIn, parseOptions, UsageError, usage } from "./config/options.ts";

const LEFT_OPEN_MS = 2_000;

/** `wctl daemon`. Resolves with the exit code: 0 stopped as asked, 1 it could not run, 2 wrong flags or configuration. */
export async function main(argv: string[]): Promise<number> {
  // A daemon does not end because nobody reads its output.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  const code = await run(argv);
  // What is still open must not keep an ended daemon alive.
  setTimeout(() => process.exit(code), LEFT_OPEN_MS).unref();
  return code;
}

async function run(argv: string[]): Promise<number> {
  let host: DaemonHost | undefined;
  try {
    const options = parseOptions(argv, defaultDataDir());
    if (options.help) {
      stdout.write(usage);
      return 0;
    }
    if (options.service) {
      const { runService } = await import("./service/run-service.ts");
      return await runService(options);
    }
    // The store's thread comes up while the daemon's code is loaded.
    const journal = new SqliteJournal();
    const [{ runDaemon }, { waitingHost }] = await loadDaemon();
    host = await waitingHost(systemClock);
    return await runDaemon(options, { journal, ...(host && { host }) });
  } catch (error) {
    stderr.write(`error: ${messageOf(error)}\n`);
    host?.failed(messageOf(error));
    await noteFailedStart(argv, error);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** What a daemon is made of. The build asks for it too, and keeps what V8 has made of it (`scripts/build/code-cache.ts`). */
export const loadDaemon = () => Promise.all([import("./daemon.ts"), import("./platform.ts")]);

/** Of a service it is noted before the system hears that it has ended. */
async function noteFailedStart(argv: readonly string[], error: unknown): Promise<void> {
  const [notes, { openDataDir }] = await Promise.all([import("./lifecycle/failed-start.ts"), import("./platform.ts")]);
  await notes.noteFailedStart(dataDirIn(argv, defaultDataDir()), error, { openDataDir, clock: systemClock });
}

/** What `wctl service` needs of the system. Rejects with UsageError where nothing runs services. */
export const openServices = async () => (await import("./platform.ts")).openServices();

/** What `wctl data` and `wctl restore` do with a data directory. */
export const openDataDirs = async () => (await import("./data-dirs.ts")).dataDirs;

/** What `wctl validate` asks of the API server's code: the checks of a create, without a store. */
export const openManifestChecks = async () => ({
  check: (await import("../../apiserver/registry/check-object.ts")).checkObject,
});

/** What `wctl crds` prints. */
export const customResourceDefinitions = async () =>
  (await import("../../apiserver/openapi/custom-resource-definitions.ts")).customResourceDefinitions();

/** `wctl __ctrlc PID=EVENT ...`, a process of its own for the time of a few console events. Resolves with the exit code. */
export async function sendConsoleEvent(args: readonly string[]): Promise<number> {
  const { consoleEventMain } = await import("../../runtime/win32/stop/console-event.ts");
  return consoleEventMain(args);
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof DataDirInUse) return error.message;
  if (!(error instanceof Error)) return String(error);
  return process.env.WCTL_DEBUG ? (error.stack ?? error.message) : error.message;
}

import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { openDataDirectory, unenforcedLogs } from "../context.ts";
import { Accounts } from "./accounts/accounts.ts";
import { CallsInWorker, callsInThisThread } from "./blocking-calls.ts";
import { CallsByAuthority } from "./calls-by-authority.ts";
import type { Win32Context } from "./context.ts";
import { loadWinapi, type Winapi } from "./ffi/winapi.ts";
import { whyNotReleasable } from "./files/release-range.ts";
import { ExitWatcher } from "./job/exit-watcher.ts";
import { processorCounts } from "./job/job-limits.ts";
import { baseEnvironment } from "./process/base-environment.ts";
import { HandleKeeper } from "./process/handle-keeper.ts";
import { searchPath } from "./process/image.ts";
import { ConsoleSender, consoleSenderCommand } from "./stop/console-sender.ts";

export interface Win32RuntimeOptions {
  /** Made when missing; its rights are the installer's to set. */
  dataDir: string;
  clock: Clock;
  logger: Logger;
  /** Absent: Windows itself. */
  api?: Winapi;
}

/** Opens the data directory, and what is asked of Windows once. */
export function openContext({ dataDir, clock, logger, ...given }: Win32RuntimeOptions): Win32Context {
  const api = given.api ?? loadWinapi();
  const blockingCalls = given.api ? callsInThisThread(api) : new CallsByAuthority(() => new CallsInWorker(api));
  const data = openDataDirectory(dataDir);
  const base = baseEnvironment(api);
  const systemRoot = base.SystemRoot ?? "C:\\Windows";
  return {
    ...data,
    api,
    blockingCalls,
    accounts: new Accounts({ api, slow: blockingCalls, clock, logger }),
    watcher: new ExitWatcher(api),
    baseEnvironment: base,
    searchPath: searchPath(systemRoot),
    processors: processorCounts(api),
    consoleSender: new ConsoleSender({ command: consoleSenderCommand(), environment: base, clock }),
    keeper: new HandleKeeper({ api, dataDir, systemRoot, logger }),
    unenforcedLogs: unenforcedLogs(whyNotReleasable(api, data.files.root), logger),
    clock,
    logger,
  };
}

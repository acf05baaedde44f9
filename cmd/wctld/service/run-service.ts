import { systemClock } from "../../../lib/clock.ts";
import { loadServiceApi } from "../../../runtime/win32/ffi/service-api.ts";
import { serviceConstants } from "../../../runtime/win32/ffi/service-constants.ts";
import { loadWinapi } from "../../../runtime/win32/ffi/winapi.ts";
import { EventLog } from "../../../runtime/win32/service/event-log.ts";
import { refuseForeignJunctions } from "../../../runtime/win32/service/foreign-junctions.ts";
import { ServiceHost } from "../../../runtime/win32/service/service-host.ts";
import { type DaemonOptions, UsageError } from "../config/options.ts";
import { noteFailedStart } from "../lifecycle/failed-start.ts";
import { ServiceDaemon } from "./service-daemon.ts";

/**
 * `wctl daemon --service`: the daemon hosted by Windows' service control manager, or in the foreground when somebody started it from
 * a console. Resolves with the exit code.
 */
export async function runService(options: DaemonOptions): Promise<number> {
  if (process.getuid !== undefined) throw new UsageError("--service: only Windows has a service control manager");
  const api = loadServiceApi();
  api.SetDefaultDllDirectories(serviceConstants.LOAD_LIBRARY_SEARCH_SYSTEM32); // Libraries that are asked for by name alone (S04).
  const host = await ServiceHost.connect({ api, clock: systemClock });
  const [{ runDaemon }, { openDataDir }] = await Promise.all([import("../daemon.ts"), import("../platform.ts")]);
  if (!host) return runDaemon(options);
  refuseForeignJunctions(loadWinapi());

  const log = new EventLog(api, host.name);
  const { dataDir } = options;
  const service = new ServiceDaemon({
    host,
    log,
    clock: systemClock,
    dataDir,
    noteFailedStart: (error) => noteFailedStart(dataDir, error, { openDataDir, clock: systemClock }),
  });
  const code = await service.run(() => runDaemon(options, { host: service }));
  log.close();
  await host.stopped(code);
  return code;
}

import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { openDataDirectory, unenforcedLogs } from "../context.ts";
import { type CgroupRoot, chooseContainment } from "./containment/choose-containment.ts";
import type { PosixContext } from "./context.ts";
import { whyNotPunchable } from "./files/punch-hole.ts";
import { openLauncher } from "./launcher/launcher.ts";
import { prepareProcessAttributes } from "./launcher/process-attributes.ts";
import { Pidfd } from "./process/pidfd.ts";
import { bootId } from "./process/proc.ts";
import { ProcessThread } from "./thread/process-thread.ts";

export interface PosixRuntimeOptions {
  /** Made 0700 when missing. */
  dataDir: string;
  clock: Clock;
  logger: Logger;
  /** Absent: auto. */
  cgroupRoot?: CgroupRoot;
}

/** Opens the data directory, chooses what holds trees together, and starts the thread that starts processes. */
export function openContext({ dataDir, clock, logger, cgroupRoot = "auto" }: PosixRuntimeOptions): PosixContext {
  requirePidfds();
  const data = openDataDirectory(dataDir);
  const { dataId, files, proofs } = data;
  const { choice, containment } = chooseContainment(dataDir, dataId, proofs, cgroupRoot, logger);
  logger.info("workloads are contained by", { containment: containment.kind });
  const attributes = prepareProcessAttributes();
  warnWithoutLauncher(logger);
  const launching = {
    dataId,
    bootId: bootId(),
    attributes,
    unenforcedLogs: unenforcedLogs(whyNotPunchable(files.root), logger),
  };
  const processes = new ProcessThread({ ...launching, dataDir, containment: choice }, logger);
  const protectLog = (path: string): void => processes.protectLog(path);
  return { ...data, ...launching, containment, processes, clock, logger, protectLog };
}

/** Without them a signal could reach another's process, so there is no way around. */
function requirePidfds(): void {
  try {
    Pidfd.open(process.pid)?.close();
  } catch (error) {
    throw new Error("the posix runtime needs Linux 5.4 or newer, and a sandbox that allows pidfd_open", {
      cause: error,
    });
  }
}

function warnWithoutLauncher(logger: Logger): void {
  const launcher = openLauncher();
  if (!(launcher instanceof Error)) return;
  const lost = "other accounts are refused, and workloads inherit the daemon's limit of open files and its nice value";
  logger.warn(`programs are started without a launcher: ${lost}`, { reason: launcher.message });
}

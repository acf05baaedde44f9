import { commandLine } from "../../../runtime/win32/process/command-line.ts";
import type { ServiceDefinition } from "../../../runtime/win32/service/service-definition.ts";
import type { DaemonOptions } from "../config/options.ts";
import { daemonFlags, ownProgram } from "./installed-flags.ts";
import { PRESHUTDOWN_MS } from "./service-daemon.ts";
import { splitCommandLine } from "./split-command-line.ts";

/** The service as it is registered. */
export function serviceDefinition(name: string, options: DaemonOptions): ServiceDefinition {
  return {
    name,
    displayName: name === "wctl" ? "wctl" : `wctl (${name})`,
    description: "Keeps the processes that are declared to wctl running as declared.",
    commandLine: serviceCommandLine(options),
    restartDelaysMs: [1_000, 5_000, 30_000],
    failuresForgottenAfterS: 24 * 60 * 60,
    privileges,
    preShutdownMs: PRESHUTDOWN_MS,
  };
}

/** What the daemon needs as LocalSystem, each with its reason. */
const privileges = [
  "SeAssignPrimaryTokenPrivilege", // CreateProcessAsUser: workloads run as other accounts.
  "SeIncreaseQuotaPrivilege", // The same.
  "SeTcbPrivilege", // The token of a session's user; logons without a password.
  "SeImpersonatePrivilege", // To check, as the workload's account, what it may open.
  "SeBackupPrivilege", // Profiles are loaded and unloaded.
  "SeRestorePrivilege", // The same.
  "SeDebugPrivilege", // Adoption opens processes of other accounts.
  "SeIncreaseBasePriorityPrivilege", // Priority classes above normal.
  "SeCreateGlobalPrivilege", // Names of jobs and events that every session can see.
  "SeChangeNotifyPrivilege", // Everybody has it: paths are walked without asking each folder.
];

/** This very program, in quotes: an unquoted path with a blank would start something else (S03). */
function serviceCommandLine(options: DaemonOptions): string {
  const [program, ...script] = ownProgram();
  return commandLine(program, [...script, "daemon", "--service", ...daemonFlags(options)]);
}

/** The first word of a service's command line. */
export const programOf = (line: string): string => splitCommandLine(line)[0] ?? "";

/** What follows `--service` in a service's command line: the flags it was installed with. */
export function daemonFlagsOf(line: string): string[] {
  const words = splitCommandLine(line);
  const at = words.indexOf("--service");
  return at < 0 ? [] : words.slice(at + 1);
}

/** Of a service's command line. */
export function dataDirOf(line: string): string | undefined {
  const flags = daemonFlagsOf(line);
  const at = flags.lastIndexOf("--data-dir");
  return at < 0 ? undefined : flags[at + 1];
}

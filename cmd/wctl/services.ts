import type { Waiting } from "../../lib/waiting.ts";

/** What the verbs want of what runs services: Windows' service control manager, or systemd. The daemon's side provides it; its errors are for people. */
export interface Services {
  /** Makes the service and all that belongs to it, or brings an existing one up to date. */
  install(request: InstallRequest): Promise<{ created: boolean; dataDir: string; warnings: string[] }>;
  /** Stops it, and removes all that belongs to it. */
  uninstall(name: string, options: Waiting & { purge: boolean }): Promise<{ dataDir: string | undefined }>;
  /** False when it was running already. Rejects with the reason when the service does not come up. */
  start(name: string, waiting: Waiting): Promise<boolean>;
  /** False when it was not running. */
  stop(name: string, options: Waiting & { keepWorkloads: boolean }): Promise<boolean>;
  pause(name: string, waiting: Waiting): Promise<void>;
  continue(name: string, waiting: Waiting): Promise<void>;
  /** Puts the running program in the place of the installed one; workloads go on. */
  upgrade(name: string, options: Waiting & { allowDowngrade: boolean }): Promise<{ from: string; to: string }>;
  /** The right to log on as a service. Resolves with the account's full name. */
  grantLogon(account: string): Promise<string>;
  /** Undefined when it is not installed. */
  status(name: string): Promise<ServiceView | undefined>;
}

export interface InstallRequest {
  name: string;
  /** Flags for `wctl daemon`, besides `--service`. */
  daemonFlags: readonly string[];
}

export interface ServiceView {
  name: string;
  state: string;
  /** 0 when it does not run. */
  pid: number;
  startup: string;
  account: string;
  commandLine: string;
  /** How it ended the last time, when that was not in good order; while it runs, why its API does not answer. */
  problem: string | undefined;
}

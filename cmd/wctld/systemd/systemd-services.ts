import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSea } from "node:sea";
import { wctlVersion } from "../../../lib/version.ts";
import type { Waiting } from "../../../lib/waiting.ts";
import { removeTree } from "../../../runtime/posix/files/remove-tree.ts";
import { KEEP_IT_SAFE } from "../config/config.ts";
import { inputTrust } from "../config/input-trust.ts";
import { parseOptions, UsageError } from "../config/options.ts";
import { defaultDataDir } from "../data-dir/default-data-dir.ts";
import { daemonFlags, ownProgram } from "../service/installed-flags.ts";
import { replaceProgram } from "../service/upgrade.ts";
import { FAILED } from "./notify-host.ts";
import { isBooted, lastWords, show, systemctl } from "./systemctl.ts";
import { flagsOf, isOurs, unitFile, wordsOf } from "./unit-file.ts";

interface SystemdStatus {
  name: string;
  state: string;
  /** 0 when it does not run. */
  pid: number;
  startup: string;
  account: string;
  commandLine: string;
  problem: string | undefined;
}

/** Where an administrator's units are. */
const UNITS = "/etc/systemd/system";
/** Changes that are gone after the next start of the machine. */
const PASSING = "/run/systemd/system";

const words: Readonly<Record<string, string>> = {
  active: "Running",
  reloading: "Running",
  activating: "Starting",
  deactivating: "Stopping",
  failed: "Failed",
  inactive: "Stopped",
};

/** What `wctl service` does where systemd runs the machine: the unit with all that belongs to it. Its errors are for people. */
export class SystemdServices {
  /** Throws UsageError where systemd does not run. */
  static open(): SystemdServices {
    if (isBooted()) return new SystemdServices();
    throw new UsageError(
      'systemd does not run this machine, and wctl knows no other that could run services here: let whatever starts your programs run "wctl daemon", start it again when it ends, and kill nothing but itself',
    );
  }

  async install({ name, daemonFlags: given }: { name: string; daemonFlags: readonly string[] }): Promise<{
    created: boolean;
    dataDir: string;
    warnings: string[];
  }> {
    const path = pathOf(name);
    requireRoot();
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    if (before !== undefined && !isOurs(before)) {
      throw new UsageError(`${path} was not made by wctl: remove it first, or choose another --name`);
    }
    // Of a repeated flag the last counts. A wrong flag is an error now, not when the service starts.
    const options = parseOptions([...flagsOf(before ?? ""), ...given], defaultDataDir());
    const program = ownProgram();
    const unit = unitFile({
      name,
      program: [...program, "daemon"],
      flags: daemonFlags(options),
      dataDir: options.dataDir,
    });
    const trust = await inputTrust();
    for (const flag of ["manifests", "config"] as const) {
      const distrust = options[flag] === undefined ? undefined : trust.ofPath(options[flag]);
      if (distrust !== undefined) throw new UsageError(`--${flag}: ${distrust}: ${KEEP_IT_SAFE}`);
    }
    if (unit !== before) writeFileSync(path, unit, { mode: 0o644 });
    await systemctl(["daemon-reload"]);
    await systemctl(["enable", "--quiet", unitOf(name)]);
    const why = trust.ofPath(program.at(-1)!);
    const warnings =
      why === undefined ? [] : [`${program.at(-1)} is no safe place for a program that runs as root: ${why}`];
    return { created: before === undefined, dataDir: options.dataDir, warnings };
  }

  async uninstall(name: string, options: Waiting & { purge: boolean }): Promise<{ dataDir: string | undefined }> {
    requireRoot();
    const unit = requireInstalled(name);
    await this.stop(name, { ...options, keepWorkloads: false });
    await systemctl(["disable", "--quiet", unitOf(name)]);
    rmSync(pathOf(name));
    await systemctl(["daemon-reload"]);
    await systemctl(["reset-failed", unitOf(name)]).catch(() => {}); // It may not have failed.
    const dataDir = dataDirOf(unit);
    if (options.purge && dataDir !== undefined) removeTree(dataDir);
    return { dataDir };
  }

  async start(name: string, waiting: Waiting): Promise<boolean> {
    requireRoot();
    requireInstalled(name);
    if ((await this.#state(name)) === "active") return false;
    try {
      await systemctl(["start", unitOf(name)], waiting); // Type=notify: it returns when the daemon supervises.
      return true;
    } catch (error) {
      const why = (await this.#lastWords(name)) ?? (error as Error).message;
      throw new Error(`service/${name} did not start: ${why}`, { cause: error });
    }
  }

  /** To keep the workloads the signal is another one for this stop; systemd would start a daemon again that ended by itself. */
  async stop(name: string, { keepWorkloads, ...waiting }: Waiting & { keepWorkloads: boolean }): Promise<boolean> {
    requireRoot();
    requireInstalled(name);
    if (["inactive", "failed"].includes(await this.#state(name))) return false;
    const folder = join(PASSING, `${unitOf(name)}.d`);
    if (keepWorkloads) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "keep-workloads.conf"), "[Service]\nKillSignal=SIGUSR2\n");
      await systemctl(["daemon-reload"]);
    }
    try {
      await systemctl(["stop", unitOf(name)], waiting);
    } finally {
      if (keepWorkloads) rmSync(folder, { recursive: true, force: true });
      if (keepWorkloads) await systemctl(["daemon-reload"]);
    }
    return true;
  }

  async pause(): Promise<void> {
    throw new UsageError(
      'only a Windows service can be paused; "wctl rollout pause process/NAME" holds back changes of a process',
    );
  }

  async continue(): Promise<void> {
    return this.pause();
  }

  async upgrade(name: string, options: Waiting & { allowDowngrade: boolean }): Promise<{ from: string; to: string }> {
    requireRoot();
    const [installed = ""] = wordsOf(requireInstalled(name));
    if (!isSea()) throw new UsageError("only the built program can take the place of another one");
    const wasRunning = (await this.#state(name)) === "active";
    return replaceProgram({
      program: process.execPath,
      version: wctlVersion,
      installed,
      allowDowngrade: options.allowDowngrade,
      stop: async () => void (await this.stop(name, { ...options, keepWorkloads: true })),
      start: async () => void (wasRunning && (await this.start(name, options))),
    });
  }

  async grantLogon(): Promise<string> {
    throw new UsageError("accounts need no right to log on here; name them in runAs.account");
  }

  async status(name: string): Promise<SystemdStatus | undefined> {
    if (!existsSync(pathOf(name))) return undefined;
    const wanted = ["ActiveState", "MainPID", "UnitFileState", "Result", "ExecMainStatus", "StatusText"] as const;
    const { ActiveState: state, ...seen } = await show(unitOf(name), wanted);
    return {
      name,
      state: words[state] ?? state,
      pid: Number(seen.MainPID),
      startup: seen.UnitFileState,
      account: "root",
      commandLine: wordsOf(readFileSync(pathOf(name), "utf8")).join(" "),
      problem: await this.#problemOf(name, state, seen),
    };
  }

  async #state(name: string): Promise<string> {
    return (await show(unitOf(name), ["ActiveState"])).ActiveState;
  }

  /** How it ended, when that was not in good order; while it runs, why its API does not answer. */
  async #problemOf(
    name: string,
    state: string,
    { StatusText, Result, ExecMainStatus }: Record<"StatusText" | "Result" | "ExecMainStatus", string>,
  ): Promise<string | undefined> {
    if (state === "active") return StatusText.startsWith("The API") ? StatusText : undefined;
    if (Result === "success") return undefined;
    const told = await this.#lastWords(name);
    return told ?? `${Result}, exit code ${ExecMainStatus}; journalctl -u ${unitOf(name)} tells more`;
  }

  /** Why it failed, in its own words: as it told systemd, until that tries again, or as the journal has it. */
  async #lastWords(name: string): Promise<string | undefined> {
    const { StatusText } = await show(unitOf(name), ["StatusText"]);
    return StatusText.startsWith(FAILED) ? StatusText.slice(FAILED.length) : lastWords(unitOf(name));
  }
}

const unitOf = (name: string): string => `${name}.service`;

/** Throws UsageError for a name that is none. */
function pathOf(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name))
    throw new UsageError(`--name: "${name}" is no name of a service`);
  return join(UNITS, unitOf(name));
}

/** The text of its unit. */
function requireInstalled(name: string): string {
  const path = pathOf(name);
  const unit = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (unit !== undefined && isOurs(unit)) return unit;
  throw new Error(`service/${name} is not installed${unit === undefined ? "" : ` by wctl: see ${path}`}`);
}

function dataDirOf(unit: string): string | undefined {
  const flags = flagsOf(unit);
  const at = flags.lastIndexOf("--data-dir");
  return at < 0 ? undefined : flags[at + 1];
}

function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new UsageError("only root may do this: run it with sudo");
}

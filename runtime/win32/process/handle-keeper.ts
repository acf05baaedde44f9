import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, win32 } from "node:path";
import type { Logger } from "../../../lib/logger.ts";
import type { KeptHandles, RunRecord } from "../../runs/run-record.ts";
import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { openInheritable } from "../files/output-files.ts";
import { Token } from "../security/token.ts";
import { must } from "../win32-error.ts";
import { createSuspended } from "./create-process.ts";
import { environmentBlock } from "./environment-block.ts";
import { HeldProcess } from "./held-process.ts";

export interface HandleKeeperParts {
  api: Winapi;
  dataDir: string;
  /** The folder of Windows. */
  systemRoot: string;
  logger: Logger;
}

const ACCESS =
  constants.SYNCHRONIZE |
  constants.PROCESS_QUERY_INFORMATION |
  constants.PROCESS_TERMINATE |
  constants.PROCESS_DUP_HANDLE;

/**
 * Keeps handles over the death of the daemon, as systemd's file descriptor store does for a service: that of each run's job, so that a workload can't
 * make its job nameless, and that of its main process, so that the system keeps its exit code for the next daemon (docs/decisions/0015). The keeper
 * is a process that is created suspended and never runs an instruction; this class puts handles into it and takes them out again. It has the daemon's
 * own token, so no workload may open it.
 */
export class HandleKeeper {
  readonly #parts: HandleKeeperParts;
  readonly #file: string;
  #process: HeldProcess | undefined;
  /** An earlier daemon made it. */
  readonly #isInherited: boolean;
  #isRefused = false;

  constructor(parts: HandleKeeperParts) {
    this.#parts = parts;
    this.#file = join(parts.dataDir, "keeper.json");
    this.#process = this.#find();
    this.#isInherited = this.#process !== undefined;
  }

  /** Puts copies of the handles into the keeper. Undefined when there can't be one: then the workload's own handle of its job has to do. */
  keep(job: Handle, process: Handle): KeptHandles | undefined {
    try {
      const keeper = this.#living();
      return keeper && { keeper: nameOf(keeper), job: this.#give(keeper, job), process: this.#give(keeper, process) };
    } catch (error) {
      if (!this.#isRefused) this.#parts.logger.warn("handles are not kept over a restart", { error: String(error) });
      this.#isRefused = true;
      return undefined;
    }
  }

  /** Whether this keeper has them. */
  has(kept: KeptHandles | undefined): boolean {
    return kept !== undefined && this.#process?.hasEnded === false && nameOf(this.#process) === kept.keeper;
  }

  /** A handle of the kept process, which may have ended. Undefined when it is kept no more. */
  processOf(kept: KeptHandles | undefined, pid: number): HeldProcess | undefined {
    if (!kept || !this.has(kept)) return undefined;
    const { api } = this.#parts;
    const out = Buffer.alloc(8);
    const from = this.#process!.handle;
    if (!api.DuplicateHandle(from, kept.process, api.GetCurrentProcess(), out, 0, 0, constants.DUPLICATE_SAME_ACCESS)) {
      return undefined;
    }
    return HeldProcess.from(api, Number(out.readBigUInt64LE()), pid);
  }

  /**
   * Closes the kept handles of a run whose tree has ended. Handle values are given again. So it first checks that the kept process is still that very
   * process; only then both handles are the run's.
   */
  drop({ kept, pid = 0, creationTime }: Pick<RunRecord, "kept" | "pid" | "creationTime">): void {
    const process = this.processOf(kept, pid);
    process?.close();
    if (!kept || !process || process.creationTime !== creationTime) return;
    const { api } = this.#parts;
    const nowhere = Buffer.alloc(8);
    for (const handle of [kept.process, kept.job]) {
      api.DuplicateHandle(this.#process!.handle, handle, 0, nowhere, 0, 0, constants.DUPLICATE_CLOSE_SOURCE);
    }
  }

  /**
   * `isNeeded`: something lives. Else the keeper is ended, and nothing of ours is left in the list of processes. `knowsAll`: this daemon has looked
   * at all that lives; one that could not begin does not end the keeper of an earlier daemon.
   */
  close(isNeeded: boolean, knowsAll = true): void {
    if (!isNeeded && (knowsAll || !this.#isInherited) && this.#process && !this.#process.hasEnded) {
      this.#process.terminate(0);
      rmSync(this.#file, { force: true });
    }
    this.#process?.close();
    this.#process = undefined;
  }

  #living(): HeldProcess | undefined {
    if (this.#process && !this.#process.hasEnded) return this.#process;
    if (this.#isRefused) return undefined;
    this.#process?.close();
    this.#process = this.#make();
    writeFileSync(this.#file, `${JSON.stringify({ keeper: nameOf(this.#process) })}\n`, { mode: 0o600 });
    return this.#process;
  }

  #give(keeper: HeldProcess, handle: Handle): number {
    const { api } = this.#parts;
    const out = Buffer.alloc(8);
    const self = api.GetCurrentProcess();
    const done = api.DuplicateHandle(self, handle, keeper.handle, out, 0, 0, constants.DUPLICATE_SAME_ACCESS);
    must(api, "DuplicateHandle", done);
    return Number(out.readBigUInt64LE());
  }

  /** Finds the keeper of the daemon before, by pid and creation time. */
  #find(): HeldProcess | undefined {
    try {
      const { keeper } = JSON.parse(readFileSync(this.#file, "utf8")) as { keeper: string };
      const held = HeldProcess.open(this.#parts.api, Number.parseInt(keeper, 10), ACCESS);
      if (held && nameOf(held) === keeper && !held.hasEnded) return held;
      held?.close();
    } catch {
      // There is none, or its file is damaged: one is made when it is needed.
    }
    return undefined;
  }

  #make(): HeldProcess {
    const { api, systemRoot } = this.#parts;
    const image = win32.join(systemRoot, "System32", "hostname.exe");
    const nul = openInheritable(api, "NUL", constants.GENERIC_READ | constants.GENERIC_WRITE, constants.OPEN_EXISTING);
    const token = Token.ofProcess(api);
    try {
      return createSuspended(api, {
        token,
        image,
        commandLine: '"hostname.exe"',
        environment: environmentBlock([]),
        workingDir: win32.join(systemRoot, "System32"),
        ...{ stdin: nul, stdout: nul, stderr: nul, more: [], jobs: [], flags: 0, attributes: [] },
      });
    } finally {
      token.close();
      api.CloseHandle(nul);
    }
  }
}

const nameOf = ({ pid, creationTime }: HeldProcess): string => `${pid}/${creationTime}`;

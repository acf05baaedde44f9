import { createHash } from "node:crypto";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import { Settling } from "../../../lib/settling.ts";
import { enumerate } from "../../../lib/wording.ts";
import type { LaunchFile, Runtime, StopSignal } from "../../../runtime/runtime.ts";
import type { InstanceEvents } from "../events.ts";
import { copyOf } from "../launch/copy-of.ts";
import { filesOf, type Sources } from "../launch/files-of.ts";
import { expandOwn } from "../launch/own-variables.ts";
import type { SecretMasks } from "../launch/secret-masks.ts";

/** How the last attempt went to tell a run of new content. */
export interface Reloaded {
  run: number;
  isApplied: boolean;
  message: string;
}

type Told = Omit<Reloaded, "run">;

/** What the plan must know. */
export interface ReloadState {
  /** Milliseconds until changed files are to be written; 0: now. Absent: nothing has changed, or it is being done. */
  dueInMs?: number;
  last?: Reloaded;
}

export interface ReloaderOptions {
  runtime: Pick<Runtime, "get" | "changedFiles" | "writeFiles" | "noteTold" | "signal" | "exec">;
  sources: Sources;
  events: Pick<InstanceEvents, "normal" | "warning">;
  masks: Pick<SecretMasks, "renew">;
  clock: Clock;
  /** Its state has changed. */
  wake: (uid: string) => void;
}

interface Entry {
  settling: Settling;
  isBusy: boolean;
  /** Monotonic ms: files that could not be written are tried again then. */
  retryAt?: number;
  last?: Reloaded;
}

const DEFAULT_SETTLE_SECONDS = 2;
const RETRY_MS = 60_000;
const EXEC_MS = 30_000;
const MOST_OUTPUT = 4_096;

/**
 * Writes changed files of programs that run, and tells the programs (configChange.action Signal and Exec). What was written and told is
 * noted beside the folder of the copy: so the next daemon sees a change that came while none ran, and what one that was killed has not told.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** How many Instances something is remembered of (P19). */
  get size(): number {
    return this.#entries.size;
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  look(instance: Stored<Instance>): ReloadState {
    const { runtime, clock } = this.#options;
    const { uid } = instance.metadata;
    const files = this.#filesToTellOf(instance);
    if (!files || runtime.get(uid)?.phase !== "running") return {};
    const entry = this.#entries.get(uid) ?? { settling: new Settling(clock), isBusy: false };
    this.#entries.set(uid, entry);
    const state: ReloadState = entry.last ? { last: entry.last } : {};
    if (entry.isBusy) return state;
    const changed = runtime.changedFiles(copyOf(instance), files);
    if (changed.length === 0) {
      entry.settling.rest();
      delete entry.retryAt;
      return state;
    }
    const { settleSeconds = DEFAULT_SETTLE_SECONDS, splaySeconds = 0 } = instance.spec.configChange ?? {};
    const waitMs = Math.round((settleSeconds + splaySeconds * shareOf(uid)) * 1000);
    const leftMs = entry.settling.leftMs(hashOf(changed), waitMs, false);
    return { ...state, dueInMs: Math.max(leftMs, (entry.retryAt ?? 0) - clock.now(), 0) };
  }

  /** Begins it: a command may take its time, and a stop must not wait for that. */
  begin(instance: Stored<Instance>): void {
    const { clock, events, wake, runtime } = this.#options;
    const { uid } = instance.metadata;
    const entry = this.#entries.get(uid);
    const run = runtime.get(uid)?.run ?? 0;
    if (!entry || entry.isBusy) return;
    entry.isBusy = true;
    const done = (last: Reloaded): void => {
      entry.last = last;
      entry.isBusy = false;
      if (last.isApplied) events.normal(instance, "Reloaded", last.message);
      else events.warning(instance, "ReloadFailed", last.message);
      wake(uid);
    };
    this.#reload(instance).then(
      (told) => done({ run, ...told }),
      (error: Error) => {
        entry.retryAt = clock.now() + RETRY_MS;
        done({ run, isApplied: false, message: error.message });
      },
    );
  }

  /** Rejects when a file could not be written or nobody could be told; what the program answers is a result. */
  async #reload(instance: Stored<Instance>): Promise<Told> {
    const { runtime, masks } = this.#options;
    const { uid } = instance.metadata;
    const files = this.#filesToTellOf(instance) ?? [];
    const changed = runtime.changedFiles(copyOf(instance), files).map(({ path }) => path);
    await runtime.writeFiles(uid, files, masks.renew(instance));
    const told = await this.#tell(instance, `wrote ${enumerate(changed)}`);
    runtime.noteTold(copyOf(instance), files); // After the act: told twice does no harm, never told does.
    return told;
  }

  async #tell(instance: Stored<Instance>, written: string): Promise<Told> {
    const { runtime } = this.#options;
    const { metadata, spec } = instance;
    const { signal, exec } = spec.configChange ?? {};
    if (signal !== undefined) {
      const reached = await runtime.signal(metadata.uid, signal as StopSignal);
      if (!reached) throw new Error(`${written}; ${signal} reached nobody`);
      return { isApplied: true, message: `${written}; sent ${signal}` };
    }
    const command = expandOwn(exec?.command ?? [], instance);
    const { code, timedOut, output } = await runtime.exec(metadata.uid, command, {
      timeoutMs: EXEC_MS,
      maxOutput: MOST_OUTPUT,
    });
    const ran = `${written}; ${command[0]}`;
    if (timedOut) return { isApplied: false, message: `${ran} did not end within ${EXEC_MS / 1000} s` };
    if (code === 0) return { isApplied: true, message: `${ran} ended with 0` };
    return { isApplied: false, message: `${ran} ended with ${code ?? "a signal"}: ${output.trim()}` };
  }

  /** Undefined: the program is not told of changes, or a file is missing, and the program keeps what it has. */
  #filesToTellOf(instance: Stored<Instance>): LaunchFile[] | undefined {
    const { configChange, files: declared } = instance.spec;
    const isTold = configChange?.action === "Signal" || configChange?.action === "Exec";
    if (!isTold || !declared?.length) return undefined;
    const files = filesOf(instance, this.#options.sources);
    return "missing" in files ? undefined : files;
  }
}

const hashOf = (files: readonly LaunchFile[]): string => {
  const hash = createHash("sha256");
  for (const { path, content } of files) hash.update(path).update(content);
  return hash.digest("hex");
};

/** From 0 to 1, the same for one copy always. */
const shareOf = (uid: string): number => createHash("sha256").update(uid).digest().readUInt32BE() / 2 ** 32;

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { DaemonConfig } from "../../../api/types.generated.ts";
import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { PathTrust } from "../../../lib/path-trust.ts";

/** An editor writes in several steps; the file is read when it has been quiet for this long. */
const QUIET_MS = 100;

/**
 * The configuration as it is now. The file is read again when it changes (its folder is watched, since editors replace files); a
 * broken one, or one that others can write, keeps the old configuration and says so in the log.
 */
export class ConfigFile {
  #current: DaemonConfig;
  readonly #file: string | undefined;
  readonly #clock: Clock;
  readonly #read: () => DaemonConfig;
  readonly #listeners = new Set<(config: DaemonConfig) => void>();
  #logger: Logger | undefined;
  #watcher: FSWatcher | undefined;
  #quiet: Timer | undefined;

  /** Rejects with UsageError when the file cannot be used: a daemon does not start on a guess. */
  static async open(file: string | undefined, clock: Clock, trust: PathTrust): Promise<ConfigFile> {
    if (file === undefined) return new ConfigFile(file, clock, () => ({}));
    // It brings the YAML library along, for which most daemons have no use.
    const { readConfig } = await import("./config.ts");
    return new ConfigFile(file, clock, () => readConfig(file, trust));
  }

  private constructor(file: string | undefined, clock: Clock, read: () => DaemonConfig) {
    this.#file = file;
    this.#clock = clock;
    this.#read = read;
    this.#current = read();
  }

  get current(): DaemonConfig {
    return this.#current;
  }

  on(listener: (config: DaemonConfig) => void): void {
    this.#listeners.add(listener);
  }

  watch(logger: Logger): void {
    this.#logger = logger;
    if (this.#file === undefined) return;
    const name = basename(this.#file);
    this.#watcher = watch(dirname(this.#file), (_event, changed) => {
      if (changed !== null && changed !== name) return;
      this.#quiet?.cancel();
      this.#quiet = this.#clock.after(QUIET_MS, () => this.reload());
    });
    this.#watcher.on("error", (error) =>
      logger.warn("the configuration is no longer watched", { error: String(error) }),
    );
  }

  /** Also on SIGHUP. */
  reload(): void {
    if (this.#file === undefined) return;
    try {
      const next = this.#read();
      if (JSON.stringify(next) === JSON.stringify(this.#current)) return;
      this.#current = next;
      this.#logger?.info("configuration read again", { file: this.#file });
      for (const listener of this.#listeners) listener(next);
    } catch (error) {
      this.#logger?.error("configuration not read: the old one stays in force", {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  close(): void {
    this.#quiet?.cancel();
    this.#watcher?.close();
  }
}

import { stderr } from "node:process";
import { DeferredLogger } from "../../lib/deferred-logger.ts";
import type { LogLevel, RootLogger } from "../../lib/winston-logger.ts";
import type { ConfigFile } from "./config/config-file.ts";

/** The daemon's own log. Its lines wait until the file is open, so that nothing waits for the logging library. */
export class DaemonLog {
  readonly logger = new DeferredLogger();
  #root: RootLogger | undefined;

  /** `level` is for as long as the configuration names none. A second call does nothing. */
  async open(path: string, level: LogLevel, config: ConfigFile): Promise<void> {
    if (this.#root) return;
    const { createLogger } = await import("../../lib/winston-logger.ts");
    const { retention, logLevel } = config.current;
    const root = createLogger({
      level: logLevel ?? level,
      file: {
        path,
        maxBytes: retention?.daemonLogBytes ?? 10 * 1024 * 1024,
        maxFiles: retention?.daemonLogFiles ?? 5,
      },
      console: stderr.isTTY === true,
    });
    this.#root = root;
    this.logger.attach(root);
    config.on((next) => root.setLevel(next.logLevel ?? level));
  }

  async flush(): Promise<void> {
    await this.#root?.flush();
  }

  async close(): Promise<void> {
    await this.#root?.close();
  }
}

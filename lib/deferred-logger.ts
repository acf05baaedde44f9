import type { Logger } from "./logger.ts";

type Level = "debug" | "info" | "warn" | "error";

/** So many lines are kept while there is nowhere to write them; a start never says more. */
const MOST_LINES = 1_000;

/**
 * A Logger for the time before the real one is there. It remembers the lines and their order, and hands them on at `attach`. So what must begin at
 * once need not wait until a logging library is loaded.
 */
export class DeferredLogger implements Logger {
  #waiting: ((target: Logger) => void)[] = [];
  #target: Logger | undefined;

  attach(target: Logger): void {
    this.#target = target;
    for (const write of this.#waiting) write(target);
    this.#waiting = [];
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#say("debug", message, fields);
  }
  info(message: string, fields?: Record<string, unknown>): void {
    this.#say("info", message, fields);
  }
  warn(message: string, fields?: Record<string, unknown>): void {
    this.#say("warn", message, fields);
  }
  error(message: string, fields?: Record<string, unknown>): void {
    this.#say("error", message, fields);
  }

  child(fields: Record<string, unknown>): Logger {
    if (this.#target) return this.#target.child(fields);
    const child = new DeferredLogger();
    this.#then((target) => child.attach(target.child(fields)));
    return child;
  }

  #say(level: Level, message: string, fields: Record<string, unknown> | undefined): void {
    if (this.#target) this.#target[level](message, fields);
    else this.#then((target) => target[level](message, fields));
  }

  #then(write: (target: Logger) => void): void {
    if (this.#waiting.length < MOST_LINES) this.#waiting.push(write);
  }
}

import { write } from "node:fs";
import { Writable } from "node:stream";
import winston from "winston";
import { LineQueue } from "./line-queue.ts";
import { humanLine, jsonLine, type LogEntry } from "./log-lines.ts";
import type { Logger } from "./logger.ts";
import { RotatingFile, type RotatingFileOptions } from "./rotating-file.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LoggerOptions {
  level: LogLevel;
  /** JSON, one object a line. */
  file?: RotatingFileOptions;
  /** Human form on stderr; stdout belongs to the program's answers. */
  console?: boolean;
}

/** The root of a program's loggers. */
export interface RootLogger extends Logger {
  /** Takes effect at once, for children too. */
  setLevel(level: LogLevel): void;
  /** Resolves when every line so far has been handed to the system, or was lost. */
  flush(): Promise<void>;
  /** Flushes; later lines go nowhere. */
  close(): Promise<void>;
}

/**
 * Loggers on winston. Nothing here throws, rejects or blocks: a full disk, an unwritable file or a reader that is stuck costs log lines, never the
 * daemon, and the log says how many once it goes on. Never hand in secrets: what is handed in is written. It loads winston, so import it lazily where
 * start-up counts.
 */
export function createLogger({ level, file, console = false }: LoggerOptions): RootLogger {
  const sinks: Sink[] = [];
  const rotating = file === undefined ? undefined : new RotatingFile(file);
  if (rotating) sinks.push(new Sink(jsonLine, (text) => rotating.append(text)));
  if (console) {
    const isColoured = process.stderr.isTTY === true && process.env.NO_COLOR === undefined;
    sinks.push(new Sink((entry) => humanLine(entry, isColoured), writeToStderr));
  }
  const transports = sinks.map(({ transport }) => transport);
  const asIs = winston.format((entry) => entry)();
  const root = winston.createLogger({ level, format: asIs, transports, silent: sinks.length === 0 });
  root.on("error", () => {});
  const flush = async (): Promise<void> => {
    // winston's streams may hand a line on one turn later.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(sinks.map(({ queue }) => queue.drained()));
  };
  return {
    ...bind(root, {}),
    flush,
    setLevel(next) {
      root.level = next;
    },
    async close() {
      root.silent = true;
      await flush();
      await rotating?.close();
    },
  };
}

function bind(root: winston.Logger, common: Record<string, unknown>): Logger {
  const at = (level: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
    if (!root.isLevelEnabled(level)) return;
    root.log({ level, message, time: new Date(), fields: merged(common, fields) });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => bind(root, { ...common, ...fields }),
  };
}

/** A place where lines go. It takes each line at once, so winston never waits and never queues without bound. */
class Sink {
  readonly queue: LineQueue;
  readonly transport: winston.transport;

  constructor(line: (entry: LogEntry) => string, write: (text: string) => Promise<void>) {
    const lost = (count: number) => line(entryOf("warn", "log lines were lost", { count }));
    this.queue = new LineQueue(write, lost);
    this.transport = new winston.transports.Stream({
      format: winston.format.printf((entry) => readable(line, entry as unknown as LogEntry)),
      eol: "",
      stream: new Writable({
        decodeStrings: false,
        write: (text: string, _encoding, done) => {
          this.queue.push(text);
          done();
        },
      }),
    });
  }
}

function merged(common: Record<string, unknown>, fields?: Record<string, unknown>): Record<string, unknown> {
  try {
    return { ...common, ...fields };
  } catch (error) {
    return { ...common, fieldsUnreadable: String(error) };
  }
}

/** Survives a field that refuses to be read (a getter or toJSON that throws): the message is still worth having. */
function readable(line: (entry: LogEntry) => string, entry: LogEntry): string {
  try {
    return line(entry);
  } catch (error) {
    return line(entryOf(entry.level, entry.message, { fieldsUnreadable: String(error) }));
  }
}

const entryOf = (level: string, message: string, fields: Record<string, unknown>): LogEntry => {
  return { level, message, time: new Date(), fields };
};

/** Used instead of process.stderr.write, which blocks the event loop for as long as nobody reads the other end of a pipe. */
function writeToStderr(text: string): Promise<void> {
  const bytes = Buffer.from(text);
  return new Promise((resolve, reject) => {
    const writeFrom = (offset: number): void => {
      write(2, bytes, offset, (error, written) => {
        if (error) reject(error);
        else if (offset + written < bytes.byteLength) writeFrom(offset + written);
        else resolve();
      });
    };
    writeFrom(0);
  });
}

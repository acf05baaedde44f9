import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../lib/clock.ts";
import { type ConsoleEvent, requestOf } from "./console-event.ts";

export interface ConsoleSenderOptions {
  /** Program and first arguments; the requests are put behind them (`console-event.ts`). */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  clock: Clock;
}

interface Request {
  pid: number;
  event: ConsoleEvent;
  /** It was in a batch that came to a halt. It goes alone now, so that one dead console takes nobody with it. */
  alone: boolean;
  settle(sent: boolean): void;
}

/** Each sender is a process that starts, attaches and ends; more of them at once only wait for each other. */
const MOST_SENDERS = 4;
const MOST_IN_BATCH = 16;
/** A request takes a moment; the start of the program is what takes time. */
const SENDER_MS = 10_000;

/**
 * Sends Ctrl-C and Ctrl-Break to workloads through short-lived processes of our own. Requests that come at the same time share a few of them: when
 * the service stops, a thousand workloads are asked at once, and a thousand senders would take longer than any grace period.
 */
export class ConsoleSender {
  readonly #options: ConsoleSenderOptions;
  readonly #waiting: Request[] = [];
  #senders = 0;
  #isDue = false;

  constructor(options: ConsoleSenderOptions) {
    this.#options = options;
  }

  /** Resolves with false when the event could not be sent: no console, another session, or the process has ended. */
  send(pid: number, event: ConsoleEvent): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push({ pid, event, alone: false, settle: resolve });
      if (this.#isDue) return;
      this.#isDue = true;
      setImmediate(() => {
        this.#isDue = false;
        this.#sendNext();
      });
    });
  }

  #sendNext(): void {
    while (this.#senders < MOST_SENDERS && this.#waiting.length > 0) {
      this.#senders += 1;
      void this.#run(this.#takeBatch()).then((untold) => {
        this.#senders -= 1;
        this.#afterHalt(untold);
        this.#sendNext();
      });
    }
  }

  #takeBatch(): Request[] {
    const next = this.#waiting.findIndex(({ alone }) => alone);
    const together = next === -1 ? Math.min(MOST_IN_BATCH, this.#waiting.length) : next;
    return this.#waiting.splice(0, Math.max(1, Math.min(MOST_IN_BATCH, together)));
  }

  /** The first of them is the one that did not come to an end. */
  #afterHalt([halted, ...rest]: readonly Request[]): void {
    if (halted?.alone) halted.settle(false);
    else if (halted) this.#waiting.push({ ...halted, alone: true });
    this.#waiting.push(...rest);
  }

  /** Resolves with the requests that the sender had not reported when it ended. */
  #run(batch: readonly Request[]): Promise<readonly Request[]> {
    const { clock } = this.#options;
    const untold = [...batch];
    const sender = this.#start(batch);
    if (!sender) return Promise.resolve(untold);
    return new Promise((resolve) => {
      const timer = clock.after(SENDER_MS, () => sender.kill());
      const end = (): void => {
        timer.cancel();
        resolve(untold);
      };
      createInterface(sender.stdout).on("line", (line) => untold.shift()?.settle(line === "true"));
      sender.once("error", end);
      sender.once("close", end);
    });
  }

  /** Node throws some of what keeps a program from starting at once (no memory, an argument it does not take), and tells of the rest later. */
  #start(batch: readonly Request[]) {
    const { command, environment } = this.#options;
    const [program = "", ...args] = command;
    try {
      return spawn(program, [...args, ...batch.map(({ pid, event }) => requestOf(pid, event))], {
        env: environment,
        stdio: ["ignore", "pipe", "ignore"],
        windowsHide: true,
      });
    } catch {
      return undefined;
    }
  }
}

/** How to start the sender: the executable itself, or its script under this Node. */
export function consoleSenderCommand(): readonly string[] {
  if (isSea()) return [process.execPath, "__ctrlc"];
  return [process.execPath, fileURLToPath(new URL("./console-event-main.ts", import.meta.url))];
}

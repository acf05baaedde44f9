import type { Clock, Timer } from "../../../lib/clock.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import { notify } from "../../../runtime/posix/service/notify-socket.ts";
import type { DaemonHost } from "../lifecycle/daemon-host.ts";

/** How its status begins when it has failed. */
export const FAILED = "Failed: ";

interface Parts {
  /** Each is one assignment of sd_notify(3). */
  tell: (...assignments: string[]) => void;
  clock: Clock;
  /** Without a sign of life for so long the daemon counts as hung. Absent: nobody looks. */
  watchdogMs?: number;
}

/** systemd, which has started the daemon (Type=notify) and waits to be told how it is. What it wants comes as signals. */
export class NotifyHost implements DaemonHost {
  readonly #parts: Parts;
  #nextSign: Timer | undefined;
  #isApiShut = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** By the variables that systemd sets. That nobody listens is no reason to end. */
  static from(env: Readonly<Record<string, string | undefined>>, clock: Clock): NotifyHost {
    const watchdogMs = watchdogFor(env, process.pid);
    const tell = (...assignments: string[]): void => {
      try {
        notify(env.NOTIFY_SOCKET ?? "", assignments);
      } catch {
        // It gives up waiting by itself.
      }
    };
    return new NotifyHost({ tell, clock, ...(watchdogMs === undefined ? {} : { watchdogMs }) });
  }

  attach(): void {}

  ready(): void {
    const how = this.#isApiShut ? [] : ["STATUS=Supervising"];
    this.#parts.tell("READY=1", ...how);
    this.#signOfLife();
  }

  stopping(): void {
    this.#nextSign?.cancel();
    this.#parts.tell("STOPPING=1", "STATUS=Stopping");
  }

  apiShut(why: string): void {
    this.#isApiShut = true;
    this.#parts.tell(`STATUS=The API does not answer, the workloads are supervised without it: ${why}`);
  }

  apiOpen(): void {
    this.#isApiShut = false;
    this.#parts.tell("STATUS=Supervising");
  }

  failed(why: string): void {
    this.#parts.tell(`STATUS=${FAILED}${why}`);
  }

  overhear(recorder: EventRecorder): EventRecorder {
    return recorder;
  }

  /** Comes from the event loop: a daemon that cannot give it does nothing else either. */
  #signOfLife(): void {
    const { tell, clock, watchdogMs } = this.#parts;
    if (watchdogMs === undefined) return;
    tell("WATCHDOG=1");
    this.#nextSign = clock.after(watchdogMs / 3, () => this.#signOfLife());
  }
}

/** sd_watchdog_enabled(3). */
export function watchdogFor(env: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const microseconds = Number(env.WATCHDOG_USEC ?? 0);
  const isForUs = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid);
  return isForUs && Number.isSafeInteger(microseconds) && microseconds > 0 ? microseconds / 1000 : undefined;
}

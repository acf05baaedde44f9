import type { Clock } from "../../../lib/clock.ts";
import { wctlVersion } from "../../../lib/version.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import type { EventLog } from "../../../runtime/win32/service/event-log.ts";
import type { ServiceHost } from "../../../runtime/win32/service/service-host.ts";
import type { ServiceControl } from "../../../runtime/win32/service/service-states.ts";
import { UsageError } from "../config/options.ts";
import type { DaemonControl, DaemonHost } from "../lifecycle/daemon-host.ts";
import { EventLogRecorder, serviceEvents } from "./service-events.ts";

/** What the system waits for a service at preshutdown is ours to say, at installation. */
export const PRESHUTDOWN_MS = 3 * 60_000;
/** At shutdown it is the system's: HKLM\SYSTEM\CurrentControlSet\Control, WaitToKillServiceTimeout, 5 s unless somebody changed it. */
const SHUTDOWN_MS = 5_000;
/** Kept back of that time, for closing the store. */
const CLOSING_MS = 2_000;

interface Parts {
  host: Pick<ServiceHost, "listen" | "report" | "state">;
  log: Pick<EventLog, "report">;
  clock: Clock;
  dataDir: string;
  /** Writes it down where `wctl` looks. */
  noteFailedStart: (error: unknown) => Promise<void>;
}

/** Stands between the system and the daemon: it passes the system's requests to the daemon, and reports the outcome to the system and the event log. */
export class ServiceDaemon implements DaemonHost {
  readonly #parts: Parts;
  #daemon: DaemonControl | undefined;
  #isReady = false;
  #isApiShut = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Runs the daemon. Resolves with the exit code for the system, whatever happens. */
  async run(daemon: () => Promise<number>): Promise<number> {
    this.#parts.host.listen((control) => this.#asked(control));
    try {
      const code = await daemon();
      this.#say("stopped", "The service has stopped.");
      return code;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#isReady) this.#say("failed", `The service has failed: ${message}`);
      else {
        await this.#parts.noteFailedStart(error);
        this.#say("failedToStart", `The service could not start: ${message}`);
      }
      return error instanceof UsageError ? 2 : 1;
    }
  }

  attach(daemon: DaemonControl): void {
    this.#daemon = daemon;
  }

  ready(): void {
    this.#isReady = true;
    // The system may have asked to stop already.
    if (this.#parts.host.state === "StartPending") this.#parts.host.report("Running");
    this.#say("started", `The service (version ${wctlVersion}) has started, with its data in ${this.#parts.dataDir}.`);
  }

  /** The system has been told when it asked. */
  stopping(): void {}

  apiShut(why: string): void {
    this.#isApiShut = true;
    this.#say("apiShut", `The API does not answer, the workloads are supervised without it: ${why}`);
  }

  apiOpen(): void {
    if (this.#isApiShut) this.#say("apiOpen", "The API answers.");
    this.#isApiShut = false;
  }

  failed(why: string): void {
    this.#say("failed", `The service has failed: ${why}`);
  }

  overhear(next: EventRecorder): EventRecorder {
    const { log, clock } = this.#parts;
    return new EventLogRecorder({ next, log, clock });
  }

  readonly #answers: Record<ServiceControl, () => void> = {
    Stop: () => this.#stop("The service was asked to stop."),
    StopKeeping: () => this.#stop("The service was asked to stop and to leave its workloads running.", { keep: true }),
    PreShutdown: () => this.#stop("The system is shutting down.", { withinMs: PRESHUTDOWN_MS }),
    Shutdown: () => this.#stop("The system is shutting down.", { withinMs: SHUTDOWN_MS }),
    ParamChange: () => this.#daemon?.reload(),
    Pause: () => {
      this.#daemon?.pause();
      this.#parts.host.report("Paused");
      this.#say("paused", "Reconciliation is paused; the workloads go on.");
    },
    Continue: () => {
      this.#daemon?.resume();
      this.#parts.host.report("Running");
      this.#say("continued", "Reconciliation goes on.");
    },
  };

  #asked(control: ServiceControl): void {
    this.#answers[control]();
  }

  /** When the time is nearly up, the daemon ends without its workloads: a store that is closed well is worth more. */
  #stop(why: string, { keep = false, withinMs }: { keep?: boolean; withinMs?: number } = {}): void {
    const { host, clock } = this.#parts;
    host.report("StopPending");
    this.#say("stopping", why);
    const leftMs = withinMs === undefined ? undefined : withinMs - CLOSING_MS;
    this.#daemon?.stop(keep ? "keep" : undefined, leftMs);
    if (leftMs !== undefined) clock.after(leftMs, () => this.#daemon?.stop());
  }

  #say(event: keyof typeof serviceEvents, text: string): void {
    const { kind, id } = serviceEvents[event];
    this.#parts.log.report(kind, id, text);
  }
}

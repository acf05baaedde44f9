import type { EventRecorder } from "../../../machinery/event-recorder.ts";

/** What a host may ask of the daemon, at any time from `attach` on. */
export interface DaemonControl {
  /**
   * `keep` leaves the workloads running. `withinMs`: the time there is to stop them. A second call ends the daemon without waiting for
   * them.
   */
  stop(how?: "keep", withinMs?: number): void;
  reload(): void;
  /** Reconciliation rests, workloads go on. */
  pause(): void;
  resume(): void;
}

/** Who hosts the daemon instead of a console. */
export interface DaemonHost {
  attach(control: DaemonControl): void;
  /** What is wanted is being made so. The API answers, unless `apiShut` was told. */
  ready(): void;
  /** The API cannot be reached, and is tried again for ever. */
  apiShut(why: string): void;
  apiOpen(): void;
  /** The process ends now, by an error that nobody handled. */
  failed(why: string): void;
  /** The recorder that the daemon's controllers shall use: one that hands on to `recorder`. */
  overhear(recorder: EventRecorder): EventRecorder;
}

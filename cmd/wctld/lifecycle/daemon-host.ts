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
  /** The controllers run. The API answers, unless `apiShut` was called. */
  ready(): void;
  /** It ends from now on, its workloads first where they end with it. */
  stopping(): void;
  /** The API cannot be served yet; the daemon keeps trying. */
  apiShut(why: string): void;
  apiOpen(): void;
  /** The process ends now, because of an unhandled error. */
  failed(why: string): void;
  /** Returns the recorder for the controllers: it hands every Event on to `recorder`, and lets the host see it. */
  overhear(recorder: EventRecorder): EventRecorder;
}

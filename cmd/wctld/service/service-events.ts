import type { Clock } from "../../../lib/clock.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import type { EventKind, EventLog } from "../../../runtime/win32/service/event-log.ts";

/** Ids in Windows' event log. They are stable: alarms are tied to them. A new event gets a new number. */
export const serviceEvents = {
  started: { id: 1, kind: "information" },
  stopping: { id: 2, kind: "information" },
  stopped: { id: 3, kind: "information" },
  paused: { id: 4, kind: "information" },
  continued: { id: 5, kind: "information" },
  failedToStart: { id: 10, kind: "error" },
  failed: { id: 11, kind: "error" },
  apiShut: { id: 12, kind: "error" },
  apiOpen: { id: 13, kind: "information" },
  objectWarning: { id: 100, kind: "warning" },
} as const satisfies Record<string, { id: number; kind: EventKind }>;

/** The same Warning of the same Object is not said again for this long; the API counts them all. */
const QUIET_MS = 10 * 60_000;
/** Beyond this many, what was said is forgotten; then something may be said twice. */
const MOST_REMEMBERED = 10_000;

/**
 * Hands on every Event, and says in Windows' event log that there was a Warning: its reason and whom it is about. What happened is told by the
 * API only, for any user of the machine may read the log, and a message may hold what a program or a probe printed.
 */
export class EventLogRecorder implements EventRecorder {
  readonly #next: EventRecorder;
  readonly #log: Pick<EventLog, "report">;
  readonly #clock: Clock;
  readonly #saidAt = new Map<string, number>();

  constructor({ next, log, clock }: { next: EventRecorder; log: Pick<EventLog, "report">; clock: Clock }) {
    this.#next = next;
    this.#log = log;
    this.#clock = clock;
  }

  event(...note: Parameters<EventRecorder["event"]>): void {
    this.#next.event(...note);
    const [about, type, reason] = note;
    if (type !== "Warning" || this.#wasSaid(`${about.metadata.uid}/${reason}`)) return;
    const { namespace, name } = about.metadata;
    const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
    const command = [
      "wctl describe",
      `${about.kind.toLowerCase()}/${name}`,
      ...(namespace === undefined ? [] : ["-n", namespace]),
    ];
    const { kind, id } = serviceEvents.objectWarning;
    this.#log.report(kind, id, `${reason}: ${about.kind} ${name}${place}. ${command.join(" ")} tells what happened.`);
  }

  #wasSaid(key: string): boolean {
    const now = this.#clock.now();
    const last = this.#saidAt.get(key);
    if (last !== undefined && now - last < QUIET_MS) return true;
    if (this.#saidAt.size >= MOST_REMEMBERED) this.#saidAt.clear();
    this.#saidAt.set(key, now);
    return false;
  }
}

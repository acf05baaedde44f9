import type { Client } from "../api/client.ts";
import { isNotFound, isReason } from "../api/errors.ts";
import { type KubeObject, makeKey, type Stored } from "../api/object.ts";
import { events } from "../api/scheme.ts";
import type { Event } from "../api/types.generated.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { EventCorrelator, type Note, type Series } from "./event-correlator.ts";

/** Records on the API what has happened to an Object. It never throws and never blocks. Equal events are counted into one. */
export interface EventRecorder {
  event(
    about: Stored<KubeObject>,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
  ): void;
}

export interface EventRecorderOptions {
  client: Client;
  /** `source.component`: who reports it, as `process-controller`. */
  component: string;
  /** `source.host`: the node's name. */
  host: string;
  clock: Clock;
  logger: Logger;
}

/** If more Notes than these wait, further ones are dropped, so that they never fill the memory (P19). */
const LONGEST_BACKLOG = 4096;
/** Events are written when nothing was said for so long: what is told of comes before the telling, and what comes together shares a commit. */
const QUIET_MS = 100;
/** They are written after this time at the latest. */
const LATEST_MS = 2_000;
/** After this time what the store did not take is tried again. */
const RETRY_MS = 2_000;
/** Written at once, so that they share the store's group commit. */
const PARALLEL_WRITES = 128;
/** Kubernetes' limit for Event messages. */
const LONGEST_MESSAGE = 1024;
/** Leaves room for the dot and the 16 digits within 253. */
const LONGEST_NAME = 230;

interface Pending {
  note: Note;
  series: Series;
}

/** Writes Events through a Client. Events of cluster-scoped Objects go to namespace `default`. */
export class ApiEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  /** One waiting write per series: Notes that come before it is written are counted into it. */
  #pending = new Map<Series, Pending>();
  #writing: Promise<void> | undefined;
  #flushing = new AbortController();
  #dropped = 0;
  #isPutOff = false;
  /** Monotonic ms of the last Note. */
  #saidMs = 0;
  #lastStamp = 0n;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
  }

  event(...[about, type, reason, message, annotations]: Parameters<EventRecorder["event"]>): void {
    const { clock } = this.#options;
    const cut = message.slice(0, LONGEST_MESSAGE);
    const note: Note = { about, type, reason, message: cut, annotations, at: clock.wall() };
    this.#saidMs = clock.now();
    const series = this.#correlator.correlate(note);
    if (!series) return;
    if (this.#pending.size >= LONGEST_BACKLOG && !this.#pending.has(series)) {
      this.#dropped += 1;
      return;
    }
    this.#pending.set(series, { note, series });
    this.#writing ??= this.#drain();
  }

  /** Resolves when all Notes so far are written, or given up. For the end of the daemon, and for tests. */
  async flush(): Promise<void> {
    this.#flushing.abort();
    await this.#writing;
    this.#flushing = new AbortController();
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // The caller goes on first.
    while (this.#pending.size > 0) {
      await this.#quiet();
      const batch = [...this.#pending.values()].slice(0, PARALLEL_WRITES);
      for (const { series } of batch) this.#pending.delete(series);
      await Promise.all(batch.map((pending) => this.#write(pending)));
      await this.#patience();
    }
    if (this.#dropped > 0) this.#options.logger.warn("events dropped: too many at once", { dropped: this.#dropped });
    this.#dropped = 0;
    this.#writing = undefined;
  }

  /** Resolves after a pause, or when it has waited long enough for one. */
  async #quiet(): Promise<void> {
    const { clock } = this.#options;
    const latest = clock.now() + LATEST_MS;
    const leftMs = (): number => Math.min(this.#saidMs + QUIET_MS, latest) - clock.now();
    while (leftMs() > 0 && !this.#flushing.signal.aborted) {
      await sleep(clock, leftMs(), this.#flushing.signal).catch(() => {});
    }
  }

  /** After a write that was put off, it waits before the next try; else it resolves at once. */
  async #patience(): Promise<void> {
    if (!this.#isPutOff) return;
    this.#isPutOff = false;
    await sleep(this.#options.clock, RETRY_MS, this.#flushing.signal).catch(() => {});
  }

  /** The store takes no writes just now, as on a full disk. What has been said of the series since counts. */
  #putOff(pending: Pending): void {
    this.#isPutOff = true;
    if (!this.#pending.has(pending.series)) this.#pending.set(pending.series, pending);
  }

  async #write(pending: Pending): Promise<void> {
    try {
      if (pending.series.name !== undefined && (await this.#recount(pending, pending.series.name))) return;
      await this.#create(pending);
    } catch (error) {
      if (isReason(error, "ServiceUnavailable") && !this.#flushing.signal.aborted) return this.#putOff(pending);
      // In a namespace that is being deleted nothing can be created.
      const level = isReason(error, "Forbidden") || isNotFound(error) ? "debug" : "warn";
      this.#options.logger[level]("event not recorded", { reason: pending.note.reason, error: String(error) });
    }
  }

  /** False when that Event has expired meanwhile. */
  async #recount({ note, series }: Pending, name: string): Promise<boolean> {
    const { count, lastTimestamp, message } = series;
    const { annotations } = note;
    const body = { count, lastTimestamp, message, ...(annotations ? { metadata: { annotations } } : {}) };
    try {
      await this.#options.client.patch(events, makeKey(namespaceOf(note), name), { type: "merge", body });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #create({ note, series }: Pending): Promise<void> {
    const name = `${note.about.metadata.name.slice(0, LONGEST_NAME)}.${this.#stamp(note.at)}`;
    const event = this.#eventFrom(note, series, name);
    await this.#options.client.create(events, event);
    series.name = name;
  }

  #eventFrom(note: Note, { count, firstTimestamp, lastTimestamp, message }: Series, name: string): Event {
    const { component, host } = this.#options;
    const { about, type, reason, annotations } = note;
    const { name: aboutName, namespace, uid, resourceVersion } = about.metadata;
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: namespaceOf(note), ...(annotations ? { annotations } : {}) },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name: aboutName,
        ...(namespace === undefined ? {} : { namespace }),
        uid,
        resourceVersion,
      },
      type,
      reason,
      message,
      count,
      firstTimestamp,
      lastTimestamp,
      source: { component, host },
      reportingComponent: component,
      reportingInstance: host,
    };
  }

  /** Nanoseconds as hexadecimal, as client-go names Events; never the same twice. */
  #stamp(at: Date): string {
    const nanoseconds = BigInt(at.getTime()) * 1_000_000n;
    this.#lastStamp = nanoseconds > this.#lastStamp ? nanoseconds : this.#lastStamp + 1n;
    return this.#lastStamp.toString(16);
  }
}

const namespaceOf = (note: Note): string => note.about.metadata.namespace ?? "default";

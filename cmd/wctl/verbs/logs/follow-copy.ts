import { isNotFound, isReason, StatusError } from "../../../../api/errors.ts";
import { type LogFrame, LogFrameReader } from "../../../../api/log-frame.ts";
import { instances, processes, urlPath } from "../../../../api/scheme.ts";
import { sleep } from "../../../../lib/clock.ts";
import type { Context } from "../../command/command.ts";
import { isPassing } from "../../watching/follow.ts";
import type { Copy, Leaving } from "./follow-plan.ts";
import type { LogPrinter } from "./log-printer.ts";
import { marks } from "./marks.ts";
import type { Outage } from "./outage.ts";

type Query = Readonly<Record<string, string>>;

/** What of a query is asked for also of what comes later. */
const LASTING = ["stream", "timestamps", "raw", "limitBytes"];

export const lasting = (query: Query): Query =>
  Object.fromEntries(Object.entries(query).filter(([name]) => LASTING.includes(name)));

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

export interface CopyFollowerOptions {
  copy: Copy;
  /** Of the first request; of what comes later only what lasts. */
  query: Query;
  /** The first run that it tells of is told to begin. */
  marksFirst: boolean;
  printer: LogPrinter;
  outage: Outage;
}

/**
 * Prints what a copy writes, over its runs and Instances and over restarts of the daemon, from which it goes on at the position of the last frame that was
 * printed. Ends after `leave`, when everything was read.
 */
export class CopyFollower {
  readonly #options: CopyFollowerOptions;
  readonly #context: Context;
  #position: string | undefined;
  #run: number | undefined;
  #isInRun = false;
  #leaving: Leaving | undefined;
  #bytesLeft: number;
  #request = new AbortController();
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: CopyFollowerOptions, context: Context) {
    this.#options = options;
    this.#context = context;
    this.#bytesLeft = Number(options.query.limitBytes ?? Number.POSITIVE_INFINITY);
  }

  get leaving(): Leaving | undefined {
    return this.#leaving;
  }

  /** Nothing more will come but what was written already: the rest of the run that is being read, and whatever came after it. */
  leave(why: Leaving): void {
    this.#leaving ??= why;
    if (!this.#isInRun) this.#request.abort();
  }

  async follow(): Promise<void> {
    const { copy, printer } = this.#options;
    let isDone = false;
    while (!isDone) isDone = await this.#ask(this.#leaving === undefined);
    await printer.end();
    if (this.#leaving === "scaled") await printer.mark(marks.leaves(copy.name, "scaled away"));
    if (this.#leaving === "deleted") await printer.mark(marks.leaves(copy.name, "deleted"));
  }

  /** One request, which stays open or asks only for what is there now. True when nothing more is to be read. */
  async #ask(follow: boolean): Promise<boolean> {
    const { outage } = this.#options;
    try {
      await this.#read(follow);
      outage.over();
    } catch (error) {
      if (isGone(error, follow)) return true;
      if (!isPassing(error)) throw error;
      await outage.begin(error);
      await this.#pause();
      return this.#context.signal.aborted;
    }
    if (this.#context.signal.aborted || this.#bytesLeft <= 0 || !follow) return true;
    if (this.#leaving === undefined) await this.#pause(); // The daemon is ending.
    return this.#context.signal.aborted;
  }

  async #read(follow: boolean): Promise<void> {
    const { signal, session } = this.#context;
    const { client } = await session.open();
    this.#request = new AbortController();
    const both = AbortSignal.any([signal, this.#request.signal]);
    const reader = new LogFrameReader();
    for await (const chunk of client.stream(this.#url(follow), { signal: both })) {
      this.#options.outage.over();
      this.#pauseMs = FIRST_PAUSE_MS;
      for (const frame of reader.push(chunk)) {
        await this.#take(frame);
        if (this.#bytesLeft <= 0 || (follow && this.#leaving && !this.#isInRun)) return;
      }
    }
  }

  #url(follow: boolean): string {
    const { copy, query } = this.#options;
    const { namespace, name, process, index } = copy;
    const path =
      process === undefined
        ? urlPath(instances, namespace, name, "log")
        : urlPath(processes, namespace, process, "log");
    const all = new URLSearchParams(this.#position === undefined ? query : lasting(query));
    all.set("frames", "true");
    if (process !== undefined) all.set("index", String(index));
    if (this.#position !== undefined) all.set("position", this.#position);
    if (Number.isFinite(this.#bytesLeft)) all.set("limitBytes", String(this.#bytesLeft));
    if (follow) all.set("follow", "true");
    else all.delete("follow");
    return `${path}?${all}`;
  }

  async #take(frame: LogFrame): Promise<void> {
    const { printer, copy, query, marksFirst } = this.#options;
    if (frame.type === "begin") {
      this.#isInRun = true;
      if (frame.run === this.#run) return; // It goes on after a break.
      if (query.raw === undefined) await printer.endLine();
      if (marksFirst || this.#run !== undefined) await printer.mark(marks.begins(copy.name, frame.run));
      this.#run = frame.run;
      return;
    }
    if (frame.type === "output") {
      await printer.print(frame.bytes);
      this.#bytesLeft -= frame.bytes.length;
    } else {
      this.#isInRun = false;
      await printer.mark(marks.ended(copy.name, frame.run, frame.exit));
    }
    this.#position = frame.position;
  }

  async #pause(): Promise<void> {
    const { clock, signal } = this.#context;
    await sleep(clock, this.#pauseMs, AbortSignal.any([signal, this.#request.signal])).catch(() => undefined);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/**
 * Its Process or Instance was deleted, or its place was taken by another of the same name; or nothing of its output is left to read. A server that knows no
 * log of a Process names nobody.
 */
function isGone(error: unknown, follow: boolean): boolean {
  if (!(error instanceof StatusError)) return false;
  if (isNotFound(error)) return !follow || error.details?.name !== undefined;
  return isReason(error, "Expired");
}

import { StartError } from "../../runtime.ts";
import { EPOLLIN } from "../ffi/layout.ts";
import type { ExecOutcome } from "../launcher/launcher.ts";
import type { StartContext } from "../start/start-context.ts";
import { type StartedRun, startRun, undoStart } from "../start/start-run.ts";
import { unwatchDescriptor, watchDescriptor } from "./epoll.ts";
import type { Begin, FromWorker, Watched } from "./process-messages.ts";

/**
 * After so long we count a program as begun although it has not reported. Its account may hold it up for ever, and no other start shall wait for
 * that.
 */
const PATIENCE_MS = 2000;

interface PendingStart {
  run: StartedRun;
  uid: string;
  /** On the scale of `performance.now()`. */
  until: number;
}

/**
 * Starts many runs at once, and waits until each has become its program. For each run it watches first for the launcher's report and then for the
 * end, both under the run's token. It reports `started` or `failed` for each.
 */
export class PendingStarts {
  readonly #epfd: number;
  readonly #context: StartContext;
  readonly #tell: (news: FromWorker, watched?: Watched) => void;
  readonly #pending = new Map<number, PendingStart>();

  constructor(epfd: number, context: StartContext, tell: (news: FromWorker, watched?: Watched) => void) {
    this.#epfd = epfd;
    this.#context = context;
    this.#tell = tell;
  }

  get count(): number {
    return this.#pending.size;
  }

  /** Milliseconds until `look` has something to do, even if no answer comes. */
  get waitMs(): number | undefined {
    const [first] = this.#pending.values(); // the oldest
    return first && Math.max(0, Math.ceil(first.until - performance.now()));
  }

  begin({ begin: token, spec, startedAt }: Begin): void {
    try {
      const watch = ({ pidfd, execOutcome }: Pick<StartedRun, "pidfd" | "execOutcome">): void =>
        watchDescriptor(this.#epfd, (execOutcome ?? pidfd).fd, token, EPOLLIN);
      const run = startRun(this.#context, spec, startedAt, watch);
      if (!run.execOutcome) this.#started(token, run, spec.uid);
      else this.#pending.set(token, { run, uid: spec.uid, until: performance.now() + PATIENCE_MS });
    } catch (error) {
      this.#failed(token, error);
    }
  }

  /** The launcher has reported. False: no pending start has this token. */
  answer(token: number): boolean {
    const start = this.#pending.get(token);
    if (start) this.#finish(token, start);
    return start !== undefined;
  }

  look(): void {
    for (const [token, start] of this.#pending) if (start.until <= performance.now()) this.#finish(token, start);
  }

  #finish(token: number, { run, uid }: PendingStart): void {
    this.#pending.delete(token);
    try {
      const answer = run.execOutcome?.answer();
      if (answer instanceof Error) throw answer;
      if (run.execOutcome) unwatchDescriptor(this.#epfd, run.execOutcome.fd);
      watchDescriptor(this.#epfd, run.pidfd.fd, token, EPOLLIN);
      if (answer === "begun") run.execOutcome?.close();
      this.#started(token, run, uid, answer === "begun" ? undefined : run.execOutcome);
    } catch (error) {
      this.#failed(token, undoStart(this.#context, uid, run, error));
    }
  }

  #started(token: number, { record, pidfd: { fd, pid } }: StartedRun, uid: string, execOutcome?: ExecOutcome): void {
    const file = this.#context.files.record(uid, record.run);
    const watched: Watched = { token, fd, pid, kind: "process", record: file, ...(execOutcome && { execOutcome }) };
    this.#tell({ started: token, record, pidfd: fd }, watched);
  }

  #failed(token: number, error: unknown): void {
    const reason = error instanceof StartError ? { reason: error.reason } : {};
    this.#tell({ failed: token, ...reason, message: error instanceof Error ? error.message : String(error) });
  }
}

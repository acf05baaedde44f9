import { PassThrough, type Readable, Writable } from "node:stream";
import type { ExecEnd, ExecSession } from "../../api/exec/exec-session.ts";

/** A command that does what the test says. */
export class FakeSession implements ExecSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr = new PassThrough();
  readonly #end = Promise.withResolvers<ExecEnd>();
  readonly ended = this.#end.promise;
  readonly read: Buffer[] = [];
  readonly sizes: object[] = [];
  /** Bytes that were taken from its output. */
  printed = 0;
  closed = 0;
  isDeaf = false;

  constructor(stdout?: Readable) {
    this.stdout = stdout ?? new PassThrough();
    this.stdin = new Writable({
      write: (chunk, _encoding, done) => {
        this.read.push(chunk);
        if (!this.isDeaf) done();
      },
    });
  }

  exit(end: ExecEnd): void {
    for (const stream of [this.stdout, this.stderr]) if (stream instanceof PassThrough) stream.end();
    this.#end.resolve(end);
  }

  fail(error: Error): void {
    this.#end.reject(error);
  }

  resize(size: object): void {
    this.sizes.push(size);
  }

  async close(): Promise<void> {
    this.closed += 1;
    this.stdout.destroy();
    this.#end.resolve({ signal: "SIGKILL" });
  }
}

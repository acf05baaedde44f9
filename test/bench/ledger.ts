import { chmodSync, closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export interface Entry {
  what: "started" | "done";
  /** CLOCK_MONOTONIC, nanoseconds: the scale of process.hrtime.bigint(). */
  at: bigint;
  pid: number;
  id: string;
  takenNs: number;
}

/** What the children themselves say about their starts. The truth of the benchmarks, whatever a supervisor reports. */
export class Ledger {
  readonly path: string;
  readonly #fd: number;
  #rest = "";
  #position = 0;
  /** Every entry so far, in the order of arrival. */
  readonly entries: Entry[] = [];

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, "");
    chmodSync(path, 0o666); // children may run as another user
    this.#fd = openSync(path, "r");
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The latest pid of each child. */
  pids(): Map<string, number> {
    return new Map(this.entries.map(({ id, pid }) => [id, pid]));
  }

  /** Resolves with the first `count` entries after the first `from` ones. How often it looks does not enter the measure. */
  async next(from: number, count: number, timeoutMs = 60_000): Promise<Entry[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      this.#read();
      if (this.entries.length >= from + count) return this.entries.slice(from, from + count);
      if (performance.now() > deadline) {
        throw new Error(`only ${this.entries.length - from} of ${count} starts within ${timeoutMs / 1000} s`);
      }
      await pause(2);
    }
  }

  #read(): void {
    const chunk = Buffer.alloc(64 * 1024);
    for (;;) {
      const length = readSync(this.#fd, chunk, 0, chunk.byteLength, this.#position);
      if (length === 0) return;
      this.#position += length;
      const lines = (this.#rest + chunk.toString("latin1", 0, length)).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.entries.push(parse(line));
    }
  }
}

function parse(line: string): Entry {
  const [what, at, pid, id, taken] = line.split(" ") as [Entry["what"], string, string, string, string];
  return { what, at: BigInt(at), pid: Number(pid), id, takenNs: Number(taken) };
}

import type { Clock, Timer } from "../../../lib/clock.ts";
import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";

/** So many bytes the kernel keeps while nobody reads: a program can print as much without waiting. */
const ROOM = 64 * 1024;
/** At most so much is read in one go, so that a flood leaves the event loop to others. */
const MOST_READS = 16;
/** Milliseconds between two looks: few right after there was something, then more and more. */
const LOOKS_MS = [1, 2, 5, 10, 20] as const;

/**
 * Takes what a program prints: keeps the first bytes, and reads on without storing, so that the program is never blocked for long. The pipe has no
 * name that others could find, open or take first. Both ends are held from the moment it is there: ours, which can only be read, and the program's. A
 * program can't turn it round: it is the client, so there is nobody it could impersonate.
 */
export class OutputPipe {
  /** Resolves when nobody can write any more. */
  readonly ended: Promise<void>;
  readonly #api: Winapi;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #reader: Handle;
  readonly #chunks: Buffer[] = [];
  readonly #end: () => void;
  #writer: Handle | undefined;
  #timer: Timer | undefined;
  #kept = 0;
  #dropped = 0;
  #isOpen = true;

  private constructor(parts: { api: Winapi; clock: Clock; most: number; reader: Handle; writer: Handle }) {
    this.#api = parts.api;
    this.#clock = parts.clock;
    this.#most = parts.most;
    this.#reader = parts.reader;
    this.#writer = parts.writer;
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.ended, this.#end] = [promise, resolve];
  }

  /** `most`: bytes that are kept. Throws Win32Error. */
  static open(api: Winapi, clock: Clock, most: number): OutputPipe {
    const [read, write] = [Buffer.alloc(8), Buffer.alloc(8)] as const;
    must(api, "CreatePipe", api.CreatePipe(read, write, null, ROOM));
    const reader = Number(read.readBigUInt64LE());
    try {
      const writer = inheritableCopy(api, Number(write.readBigUInt64LE()));
      return new OutputPipe({ api, clock, most, reader, writer });
    } catch (error) {
      api.CloseHandle(reader);
      throw error;
    }
  }

  /** The handle for the program's standard output, until `given` is called. */
  get writer(): Handle {
    return this.#writer!;
  }

  /** The program has it, or was not created: from here on we read it, and its end can be seen. */
  given(): void {
    if (this.#writer !== undefined) this.#api.CloseHandle(this.#writer);
    this.#writer = undefined;
    this.#look(0);
  }

  /** Reads at once what was printed until now: as much as the kernel keeps, and no more where somebody still writes. */
  drain(): void {
    this.#readSome();
  }

  text(): string {
    const text = Buffer.concat(this.#chunks).toString("utf8");
    return this.#dropped > 0 ? `${text}\n[${this.#dropped} more bytes]` : text;
  }

  close(): void {
    this.#timer?.cancel();
    if (this.#writer !== undefined) this.#api.CloseHandle(this.#writer);
    if (this.#isOpen) this.#api.CloseHandle(this.#reader);
    this.#writer = undefined;
    this.#isOpen = false;
    this.#end();
  }

  #look(quiet: number): void {
    if (!this.#isOpen) return;
    const reads = this.#readSome();
    if (!this.#isOpen) return;
    const next = reads > 0 ? 0 : Math.min(quiet + 1, LOOKS_MS.length - 1);
    this.#timer = this.#clock.after(LOOKS_MS[next]!, () => this.#look(next));
  }

  #readSome(): number {
    let reads = 0;
    while (this.#isOpen && reads < MOST_READS && this.#read()) reads++;
    return reads;
  }

  /** Takes what is there, without waiting. False when there is nothing; it tells of the end when nobody is left to write. */
  #read(): boolean {
    const available = Buffer.alloc(4);
    const there = this.#api.PeekNamedPipe(this.#reader, null, 0, null, available, null);
    if (!there) {
      this.close();
      return false;
    }
    const length = Math.min(available.readUInt32LE(), ROOM);
    if (length === 0) return false;
    const [bytes, count] = [Buffer.alloc(length), Buffer.alloc(4)] as const;
    if (!this.#api.ReadFile(this.#reader, bytes, length, count, null)) return false;
    this.#take(bytes.subarray(0, count.readUInt32LE()));
    return true;
  }

  #take(chunk: Buffer): void {
    const part = chunk.subarray(0, Math.max(0, this.#most - this.#kept));
    this.#kept += part.length;
    this.#dropped += chunk.length - part.length;
    if (part.length > 0) this.#chunks.push(part);
  }
}

/** Takes the handle over. */
function inheritableCopy(api: Winapi, handle: Handle): Handle {
  const [self, copy] = [api.GetCurrentProcess(), Buffer.alloc(8)] as const;
  const how = constants.DUPLICATE_SAME_ACCESS | constants.DUPLICATE_CLOSE_SOURCE;
  must(api, "DuplicateHandle", api.DuplicateHandle(self, handle, self, copy, 0, 1, how));
  return Number(copy.readBigUInt64LE());
}

import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { PIPE_ROOM } from "./pipe.ts";

/** At most so much is read in one go, so that a flood leaves the event loop to others. */
const MOST_READS = 16;
/** Milliseconds between two looks: few right after there was something, then more and more. */
const LOOKS_MS = [1, 2, 5, 10, 20] as const;

interface Parts {
  api: Winapi;
  clock: Clock;
  /** The daemon's end; it is closed here. */
  handle: Handle;
  /** False: nothing more is read until `resume`. */
  take: (chunk: Buffer) => boolean;
  /** Nobody can write any more, or it was closed. */
  ended: () => void;
}

/** Reads a pipe as it fills, and never waits in a call. */
export class PipeReader {
  readonly #parts: Parts;
  #timer: Timer | undefined;
  #isOpen = true;
  #isPaused = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** From here on it looks. */
  begin(): void {
    this.#look(0);
  }

  /** Reads at once what is there: as much as the kernel keeps, and no more where somebody still writes. */
  drain(): void {
    this.#readSome();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#timer?.cancel();
    this.#look(0);
  }

  close(): void {
    this.#timer?.cancel();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#parts.api.CloseHandle(this.#parts.handle);
    this.#parts.ended();
  }

  #look(quiet: number): void {
    if (!this.#isOpen || this.#isPaused) return;
    const reads = this.#readSome();
    if (!this.#isOpen || this.#isPaused) return;
    const next = reads > 0 ? 0 : Math.min(quiet + 1, LOOKS_MS.length - 1);
    this.#timer = this.#parts.clock.after(LOOKS_MS[next]!, () => this.#look(next));
  }

  #readSome(): number {
    let reads = 0;
    while (this.#isOpen && !this.#isPaused && reads < MOST_READS && this.#read()) reads++;
    return reads;
  }

  /** Takes what is there, without waiting. False when there is nothing; it closes when nobody is left to write. */
  #read(): boolean {
    const { api, handle, take } = this.#parts;
    const available = Buffer.alloc(4);
    if (!api.PeekNamedPipe(handle, null, 0, null, available, null)) {
      this.close();
      return false;
    }
    const length = Math.min(available.readUInt32LE(), PIPE_ROOM);
    if (length === 0) return false;
    const [bytes, count] = [Buffer.alloc(length), Buffer.alloc(4)] as const;
    if (!api.ReadFile(handle, bytes, length, count, null)) return false;
    this.#isPaused = !take(bytes.subarray(0, count.readUInt32LE()));
    return true;
  }
}

import { isObject, type JsonObject } from "../lib/json-object.ts";
import { StatusError } from "./errors.ts";

/** The media type of an answer in frames. */
export const LOG_FRAMES = "application/vnd.wctl.log-frames";

/**
 * A part of the log of a copy: a run begins, output of it, it has ended. `run`: its number among all runs of the copy. `position` is opaque: whoever asks
 * with it gets what comes after this frame, nothing twice and nothing left out, also of a later daemon; of a run that goes on, `begin` once more.
 */
export type LogFrame =
  | { type: "begin"; run: number; startedAt: string }
  /** Whole lines; of a run that has ended perhaps a last one without its line end. */
  | { type: "output"; run: number; position: string; bytes: Uint8Array }
  | { type: "end"; run: number; position: string; exit?: RunExit };

/** How a run ended; exactly one of `code`, `signal`, `unknown`. */
export interface RunExit {
  code?: number;
  signal?: string;
  unknown?: true;
  /** RFC 3339. */
  finishedAt: string;
}

/** One line of JSON; in the place of `bytes` it has `length`, and so many bytes follow. */
export function encodeFrame(frame: LogFrame): Uint8Array {
  if (frame.type !== "output") return Buffer.from(`${JSON.stringify(frame)}\n`);
  const { bytes, ...rest } = frame;
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...rest, length: bytes.length })}\n`), bytes]);
}

const LINE_FEED = 0x0a;
/** Above these nobody means a frame. */
const LONGEST_HEAD = 64 * 1024;
const LONGEST_BYTES = 64 * 1024 * 1024;
/** A client sends it back with each request. */
const LONGEST_POSITION = 512;

/** Frames out of chunks that may cut them anywhere. Throws StatusError for what is no frame: a server may be anybody, and what comes is printed. */
export class LogFrameReader {
  #pending: Uint8Array = Buffer.alloc(0);
  /** Has come after `#pending`, and is joined with it once: a large frame in small chunks is not copied with each of them. */
  #more: Uint8Array[] = [];
  #moreBytes = 0;
  /** Has had its line; its bytes are to come. */
  #head: { frame: Omit<Extract<LogFrame, { type: "output" }>, "bytes">; length: number } | undefined;

  *push(chunk: Uint8Array): Generator<LogFrame> {
    this.#more.push(chunk);
    this.#moreBytes += chunk.length;
    if (this.#head && this.#pending.length + this.#moreBytes < this.#head.length) return;
    this.#pending = Buffer.concat([this.#pending, ...this.#more.splice(0)]);
    this.#moreBytes = 0;
    for (;;) {
      const frame = this.#head ? this.#output() : this.#next();
      if (frame) yield frame;
      else if (!this.#head || this.#pending.length < this.#head.length) return;
    }
  }

  /** A frame without bytes. Undefined: its line is not whole, or bytes follow it. */
  #next(): LogFrame | undefined {
    const end = this.#pending.indexOf(LINE_FEED);
    if (end === -1) {
      if (this.#pending.length > LONGEST_HEAD) throw noFrame();
      return undefined;
    }
    if (end > LONGEST_HEAD) throw noFrame();
    const head = parse(Buffer.from(this.#pending.subarray(0, end)).toString());
    this.#pending = this.#pending.subarray(end + 1);
    if (head.type !== "output") return head;
    const { length, ...frame } = head;
    this.#head = { frame, length };
    return undefined;
  }

  #output(): LogFrame | undefined {
    const { frame, length } = this.#head!;
    if (this.#pending.length < length) return undefined;
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    this.#head = undefined;
    return { ...frame, bytes };
  }
}

type Head =
  | Exclude<LogFrame, { type: "output" }>
  | (Omit<Extract<LogFrame, { type: "output" }>, "bytes"> & { length: number });

function parse(line: string): Head {
  let head: unknown;
  try {
    head = JSON.parse(line);
  } catch {
    throw noFrame();
  }
  if (!isObject(head) || !isNumber(head.run) || !isWhole(head)) throw noFrame();
  return head as unknown as Head;
}

function isWhole({ type, position, length, startedAt, exit }: JsonObject): boolean {
  if (type === "begin") return isWord(startedAt);
  if (typeof position !== "string" || position.length > LONGEST_POSITION) return false;
  return type === "end" ? exit === undefined || isExit(exit) : type === "output" && isLength(length);
}

function isExit(exit: unknown): boolean {
  if (!isObject(exit)) return false;
  const { code, signal, unknown, finishedAt } = exit;
  const isHow = (code === undefined || isNumber(code)) && (signal === undefined || isWord(signal));
  return isHow && (unknown === undefined || unknown === true) && isWord(finishedAt);
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A time or the name of a signal. */
const isWord = (value: unknown): boolean => typeof value === "string" && /^[\w:.+-]{1,64}$/.test(value);

const isLength = (length: unknown): boolean =>
  Number.isSafeInteger(length) && (length as number) >= 0 && (length as number) <= LONGEST_BYTES;

const noFrame = (): StatusError =>
  new StatusError("NotAcceptable", "the server's answer has no frames: is it an older wctld?");

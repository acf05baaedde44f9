import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { lowerBound } from "../../lib/lower-bound.ts";

/**
 * The times at which the bytes of a log were written, although the workload writes them raw: samples (size, time of the last write), and where the
 * first whole line begins since the oldest part was released. It is a file beside the log: 16 bytes of header (start, and 1 for UTF-16), then 16 per
 * sample; numbers are little-endian doubles. If it is lost, times are lost, never lines.
 */
export interface TimeIndex {
  /** Offset of the first whole line that is kept. */
  start: number;
  /** Ascending: at `time` (wall, ms) the log was `size` bytes long. */
  samples: readonly Sample[];
  /** The log began with the byte order mark of UTF-16LE; known also when its beginning was released. */
  isUtf16: boolean;
}

export interface Sample {
  size: number;
  time: number;
}

const HEADER = 16;
const UTF16_AT = 8;
const ENTRY = 16;
/** Above this number it drops samples of what is gone and thins out the older half. */
const MOST_SAMPLES = 4096;

export const indexPath = (log: string): string => `${log}.times`;

export function readTimeIndex(log: string): TimeIndex {
  const bytes = bytesOf(indexPath(log));
  if (!bytes || bytes.length < HEADER) return { start: 0, samples: [], isUtf16: false };
  const samples: Sample[] = [];
  for (let at = HEADER; at + ENTRY <= bytes.length; at += ENTRY) {
    samples.push({ size: bytes.readDoubleLE(at), time: bytes.readDoubleLE(at + 8) });
  }
  const start = bytes.readDoubleLE(0);
  return {
    start: Number.isSafeInteger(start) && start >= 0 ? start : 0,
    samples,
    isUtf16: bytes.readDoubleLE(UTF16_AT) === 1,
  };
}

/** A new log has none. We ask for that first, because an exception costs more. */
function bytesOf(path: string): Buffer | undefined {
  try {
    return existsSync(path) ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

export function appendSample(log: string, { size, time }: Sample): void {
  const entry = Buffer.alloc(ENTRY);
  entry.writeDoubleLE(size, 0);
  entry.writeDoubleLE(time, 8);
  const fd = openSync(indexPath(log), constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    const length = statSync(indexPath(log)).size;
    writeSync(fd, length === 0 ? Buffer.concat([Buffer.alloc(HEADER), entry]) : entry);
    if (length > HEADER + MOST_SAMPLES * ENTRY) rewrite(log, thin(readTimeIndex(log)));
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes the start before the bytes are released: a reader that meets zeros looks here and goes on at the start. It writes in place, so that it also
 * works on a full disk, where the release is needed most.
 */
export function writeStart(log: string, start: number): void {
  writeHeader(log, 0, start);
}

export function markUtf16(log: string): void {
  writeHeader(log, UTF16_AT, 1);
}

function writeHeader(log: string, at: number, value: number): void {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(value);
  const fd = openSync(indexPath(log), constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    if (fstatSync(fd).size < HEADER) writeSync(fd, Buffer.alloc(HEADER), 0, HEADER, 0);
    writeSync(fd, number, 0, number.length, at);
  } finally {
    closeSync(fd);
  }
}

/** Pure. Keeps the first sample and the newest half; of the rest every second one. */
export function thin({ start, samples, isUtf16 }: TimeIndex): TimeIndex {
  const kept = samples.filter(({ size }) => size > start);
  const half = kept.length >> 1;
  return { start, samples: kept.filter((_, index) => index >= half || index % 2 === 0), isUtf16 };
}

/** The time by which the byte before `end` was written: that of the first sample that covers it; undefined beyond the last. */
export function timeAt(samples: readonly Sample[], end: number): number | undefined {
  return samples[lowerBound(samples.length, (at) => samples[at]!.size >= end)]?.time;
}

/** Everything before this offset was written before `time`. */
export function offsetSince(samples: readonly Sample[], time: number): number {
  return samples[lowerBound(samples.length, (at) => samples[at]!.time >= time) - 1]?.size ?? 0;
}

/** Others emptied the log: what the samples say beyond `retained` is about bytes that are gone. */
export function resetTimeIndex(log: string, retained: number): void {
  const { start, samples, isUtf16 } = readTimeIndex(log);
  rewrite(log, { start: Math.min(start, retained), samples: samples.filter(({ size }) => size <= retained), isUtf16 });
}

function rewrite(log: string, { start, samples, isUtf16 }: TimeIndex): void {
  const bytes = Buffer.alloc(HEADER + samples.length * ENTRY);
  bytes.writeDoubleLE(start, 0);
  bytes.writeDoubleLE(isUtf16 ? 1 : 0, UTF16_AT);
  samples.forEach(({ size, time }, index) => {
    bytes.writeDoubleLE(size, HEADER + index * ENTRY);
    bytes.writeDoubleLE(time, HEADER + index * ENTRY + 8);
  });
  const fresh = `${indexPath(log)}.new`;
  writeFileSync(fresh, bytes, { mode: 0o600 });
  renameSync(fresh, indexPath(log));
}

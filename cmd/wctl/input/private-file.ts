import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { Failure } from "../errors/failure.ts";

/** Others read it, its group or others write it. */
const OTHERS = 0o026;
const MOST_BYTES = 64 * 1024;

/** The bytes of a file that holds a secret, without line ends at its end. `what`: it must not be empty. Throws Failure, also for a file that is no secret. */
export function readPrivateFile(file: string, what: string): Buffer {
  const fd = openSync(file, "r"); // A pipe of a password manager will do.
  try {
    const stat = fstatSync(fd);
    if (stat.isFile() && process.getuid !== undefined && (stat.mode & OTHERS) !== 0) {
      throw new Failure(`${file} is not read: others can read or write it`, { hint: `chmod 600 ${file}` });
    }
    if (stat.isFile() && stat.size > MOST_BYTES) throw new Failure(`${file} is larger than ${MOST_BYTES} bytes`);
    return trimmed(readFileSync(fd), file, what);
  } finally {
    closeSync(fd);
  }
}

function trimmed(bytes: Buffer, file: string, what: string): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  if (end === 0) throw new Failure(`${file} is empty, and an empty ${what} is none`);
  return bytes.subarray(0, end);
}

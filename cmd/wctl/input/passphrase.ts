import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import type { Option } from "../command/option.ts";
import { Failure } from "../errors/failure.ts";

export const passphraseFile = {
  name: "passphrase-file",
  type: "string",
  placeholder: "FILE",
  description: "A file whose content, without line ends at its end, is the passphrase of the backup.",
} as const satisfies Option;

/** Others read it, its group or others write it. */
const OTHERS = 0o026;
const MOST_BYTES = 64 * 1024;

/** What the file of `--passphrase-file` says; undefined without the flag. Throws Failure for a file that is no secret. */
export function readPassphrase(file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined;
  const fd = openSync(file, "r"); // A pipe of a password manager will do.
  try {
    const stat = fstatSync(fd);
    if (stat.isFile() && process.getuid !== undefined && (stat.mode & OTHERS) !== 0) {
      throw new Failure(`${file} is not read: others can read or write it`, { hint: `chmod 600 ${file}` });
    }
    if (stat.isFile() && stat.size > MOST_BYTES) throw new Failure(`${file} is larger than ${MOST_BYTES} bytes`);
    return trimmed(readFileSync(fd), file);
  } finally {
    closeSync(fd);
  }
}

function trimmed(bytes: Buffer, file: string): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  if (end === 0) throw new Failure(`${file} is empty, and an empty passphrase is none`);
  return bytes.subarray(0, end);
}

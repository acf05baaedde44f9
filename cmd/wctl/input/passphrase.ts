import type { Option } from "../command/option.ts";
import { readPrivateFile } from "./private-file.ts";

export const passphraseFile = {
  name: "passphrase-file",
  type: "string",
  placeholder: "FILE",
  description: "A file whose content, without line ends at its end, is the passphrase of the backup.",
} as const satisfies Option;

/** What the file of `--passphrase-file` says; undefined without the flag. Throws Failure for a file that is no secret. */
export const readPassphrase = (file: string | undefined): Buffer | undefined =>
  file === undefined ? undefined : readPrivateFile(file, "passphrase");

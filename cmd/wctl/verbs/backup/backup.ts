import { randomBytes } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readBackup } from "../../../../api/backup/backup.ts";
import { seal } from "../../../../api/backup/sealed-backup.ts";
import { syncDirectory } from "../../../../lib/sync-directory.ts";
import { command } from "../../command/command.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { passphraseFile, readPassphrase } from "../../input/passphrase.ts";
import { line } from "../../output/output.ts";

export const backup = command({
  name: "backup",
  summary: "Write a backup of the daemon to a file, while it runs.",
  description:
    "The backup holds the store, the keys of the Secrets, the certificates with their keys, the kubeconfig and the configuration, as they are at one time; logs and working directories are not in it. Without a passphrase whoever reads the file is the administrator and can read every Secret; with --passphrase-file it is encrypted, and nobody can change it unseen. It is made for its owner alone, is checked before it gets its name, and never replaces a file. Only the administrator may ask for it.",
  usage: ["backup FILE [flags]"],
  examples: [
    { what: "Keep one for each day", line: "wctl backup /root/wctl-2026-01-31.backup" },
    { what: "Encrypt it", line: "wctl backup /mnt/nas/wctl.backup --passphrase-file=/root/passphrase" },
  ],
  takes: { files: true },
  options: [passphraseFile],
  async run(args, flags, context) {
    const [file, ...more] = args;
    if (file === undefined) throw usageFailure("backup", "name the file to write");
    if (more.length > 0) throw usageFailure("backup", `unexpected argument: ${more[0]}`);
    const passphrase = readPassphrase(flags["passphrase-file"]);
    const { client } = await context.session.open();
    const text = await client.raw("POST", "/backup", { signal: context.signal });
    const { files } = readBackup(text);
    const written = passphrase ? await seal(text, passphrase) : text;
    writeNew(file, written);
    await line(context.out, `${file} written (${files.size} files, ${Buffer.byteLength(written)} bytes)`);
    return 0;
  },
});

/** Whole and on disk, or not at all; for its owner alone. */
function writeNew(file: string, text: string): void {
  const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o600, flush: true });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new Failure(`${file} exists; choose another name`);
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(dirname(file));
}

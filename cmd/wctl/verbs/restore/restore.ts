import { command } from "../../command/command.ts";
import { dataDir } from "../../command/common-options.ts";
import { openDataDirs } from "../../daemon.ts";
import { usageFailure } from "../../errors/failure.ts";
import { passphraseFile, readPassphrase } from "../../input/passphrase.ts";
import { line } from "../../output/output.ts";

export const restore = command({
  name: "restore",
  summary: "Make a data directory from a backup.",
  description:
    "Everything is checked before anything is changed. The daemon that starts there has the objects and Secrets of the backup and is a new one: its id and certificates are its own, and processes of the daemon that was backed up are left alone. With --take-over it goes on as that daemon, which must not run any more.",
  usage: ["restore FILE [flags]"],
  examples: [
    { what: "After the disk was lost", line: "wctl restore wctl.backup --take-over" },
    { what: "A second daemon with the same objects", line: "wctl restore wctl.backup --data-dir ./trial" },
  ],
  takes: { files: true },
  options: [
    dataDir,
    passphraseFile,
    {
      name: "take-over",
      type: "boolean",
      description:
        "Go on as the daemon that was backed up: same id, certificates and kubeconfig; what runs is adopted.",
    },
    {
      name: "force",
      type: "boolean",
      description: "Move a data directory that is there aside, to DIR.before-TIME.",
    },
  ],
  async run(args, flags, context) {
    const [file, ...more] = args;
    if (file === undefined) throw usageFailure("restore", "name the backup");
    if (more.length > 0) throw usageFailure("restore", `unexpected argument: ${more[0]}`);
    const dirs = await openDataDirs();
    const restored = await dirs.restore(file, {
      dataDir: flags["data-dir"],
      passphrase: readPassphrase(flags["passphrase-file"]),
      takeOver: flags["take-over"],
      force: flags.force,
    });
    if (restored.aside) await line(context.out, `the old one is ${restored.aside}`);
    await line(context.out, `${restored.dataDir} restored from the backup of ${restored.createdAt}`);
    if (restored.config) await line(context.out, `its configuration: wctl daemon --config ${restored.config}`);
    return 0;
  },
});

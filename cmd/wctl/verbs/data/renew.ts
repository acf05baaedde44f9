import { command } from "../../command/command.ts";
import { dataDir } from "../../command/common-options.ts";
import { openDataDirs } from "../../daemon.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";

export const dataRenew = command({
  name: "data renew",
  summary: "Make a copied data directory a daemon of its own, beside its original.",
  description:
    "The copy keeps what is declared in it, its Secrets and their keys, logs and working directories. It forgets the processes of its original, which go on there untouched, and starts its own. Its id, its certificates and its admin.kubeconfig are made anew at the next start, so the credentials of the original do not open it.",
  usage: ["data renew [flags]"],
  examples: [{ what: "A trial on a copy", line: "wctl data renew --data-dir ./copy" }],
  options: [
    dataDir,
    {
      name: "force",
      type: "boolean",
      description: "Also when it is no copy: on a clone of a machine, where none of its processes runs.",
    },
  ],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("data renew", `unexpected argument: ${args[0]}`);
    const renewed = await (await openDataDirs()).renew(flags["data-dir"], { force: flags.force });
    await line(context.out, `${renewed} renewed`);
    return 0;
  },
});

import { command } from "../../command/command.ts";
import { dataDir } from "../../command/common-options.ts";
import { openDataDirs } from "../../daemon.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";

export const dataTakeOver = command({
  name: "data take-over",
  summary: "Go on with a copied data directory instead of its original.",
  description:
    "The daemon refuses to start on a copy, because two daemons must not own one set of processes. This says that the copy takes the place of its original: with the same id, certificates and keys, and it adopts what runs. Stop the daemon of the original for good before; while it runs on this machine, this is refused.",
  usage: ["data take-over [flags]"],
  examples: [
    { what: "After the data directory moved to another disk", line: "wctl data take-over --data-dir /srv/wctl" },
  ],
  options: [dataDir],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("data take-over", `unexpected argument: ${args[0]}`);
    const taken = await (await openDataDirs()).takeOver(flags["data-dir"]);
    await line(context.out, `${taken} taken over`);
    return 0;
  },
});

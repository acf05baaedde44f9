import { command } from "../../command/command.ts";
import { dryRun } from "../../command/common-options.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { dryRunSuffix } from "../../text/messages.ts";

/** As the server answers. */
interface Rotation {
  key: { id: string; created: string };
  rewritten: number;
  removed: readonly string[];
}

export const secretsRotateKey = command({
  name: "secrets rotate-key",
  summary: "Encrypt all Secrets of the daemon's store under a new key.",
  description:
    "The daemon rewrites all stored Secrets under a new key while it keeps working, and then removes the old key. Workloads notice nothing. A backup of the data directory that was made before has the old key; one of store.db alone needs the secrets.key of its time.",
  usage: ["secrets rotate-key [flags]"],
  examples: [
    { what: "A new key", line: "wctl secrets rotate-key" },
    { what: "Only show which key is in use", line: "wctl secrets rotate-key --dry-run=server" },
  ],
  options: [dryRun],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("secrets rotate-key", `unexpected argument: ${args[0]}`);
    const how = flags["dry-run"];
    if (how === "client") {
      await line(context.out, `key of the secrets rotated${dryRunSuffix(how)}`);
      return 0;
    }
    const { client } = await context.session.open();
    const path = `/secretkeys/rotate${how === "server" ? "?dryRun=All" : ""}`;
    const { key, rewritten, removed } = JSON.parse(
      await client.raw("POST", path, { signal: context.signal }),
    ) as Rotation;
    if (how === "server") {
      await line(context.out, `key ${key.id} of ${key.created} would be replaced${dryRunSuffix(how)}`);
      return 0;
    }
    const old = removed.length > 0 ? `, ${removed.join(", ")} removed` : "";
    await line(context.out, `key of the secrets rotated: ${key.id} writes now, ${rewritten} records rewritten${old}`);
    return 0;
  },
});

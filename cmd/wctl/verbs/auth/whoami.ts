import { StatusError } from "../../../../api/errors.ts";
import { command } from "../../command/command.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { inColumns } from "../../printers/columns.ts";
import { printValue } from "../../printers/print-value.ts";
import { plainLine } from "../../text/plain.ts";
import { review } from "./review.ts";

export const authWhoami = command({
  name: "auth whoami",
  summary: "Show who you are to the server.",
  usage: ["auth whoami [-o json|yaml]"],
  examples: [{ what: "My name and my groups", line: "wctl auth whoami" }],
  options: [
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["json", "yaml"],
      description: "The whole answer, in this form.",
    },
  ],
  async run(args, flags, { session, out, signal }) {
    if (args.length > 0) throw usageFailure("auth whoami", `unexpected arguments: [${args.join(" ")}]`);
    const { client } = await session.open();
    const answer = await review(client, "authentication.k8s.io", "SelfSubjectReview", {}, signal).catch(explained);
    if (flags.output) await out.write(await printValue(flags.output, answer));
    else await out.write(inColumns(rowsOf((answer.status as { userInfo?: UserInfo } | undefined)?.userInfo ?? {})));
    return 0;
  },
});

interface UserInfo {
  username?: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** As kubectl prints it. */
function rowsOf({ username = "", uid, groups = [], extra = {} }: UserInfo): string[][] {
  const rows = [
    ["ATTRIBUTE", "VALUE"],
    ["Username", username],
    ...(uid ? [["UID", uid]] : []),
    ...(groups.length > 0 ? [["Groups", `[${groups.join(" ")}]`]] : []),
    ...Object.entries(extra)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, values]) => [`Extra: ${key}`, `[${values.join(" ")}]`]),
  ];
  return rows.map((row) => row.map(plainLine));
}

function explained(error: unknown): never {
  const isMissing = error instanceof StatusError && error.reason === "NotFound";
  throw isMissing ? new Failure("the selfsubjectreviews API is not enabled in the cluster", { cause: error }) : error;
}

import { contextRows } from "../../../../api/kubeconfig/views.ts";
import { command } from "../../command/command.ts";
import { noHeaders } from "../../command/common-options.ts";
import { loadKubeconfigOf } from "../../input/load-kubeconfig.ts";
import { inColumns } from "../../printers/columns.ts";

export const configGetContexts = command({
  name: "config get-contexts",
  summary: "List the contexts of the kubeconfig.",
  usage: ["config get-contexts [NAME...] [-o name]"],
  examples: [
    { what: "All contexts; the current one has a star", line: "wctl config get-contexts" },
    { what: "Only their names", line: "wctl config get-contexts -o name" },
  ],
  takes: { contexts: true },
  options: [{ name: "output", short: "o", type: "string", oneOf: ["name"], description: "Names only." }, noHeaders],
  async run(args, flags, context) {
    const { config } = await loadKubeconfigOf(context);
    const rows = contextRows(config, args);
    if (flags.output === "name") {
      await context.out.write(rows.map(({ name }) => `${name}\n`).join(""));
      return 0;
    }
    const header = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"];
    const cells = rows.map((row) => [row.current ? "*" : "", row.name, row.cluster, row.user, row.namespace]);
    await context.out.write(inColumns([...(flags["no-headers"] ? [] : [header]), ...cells]));
    return 0;
  },
});

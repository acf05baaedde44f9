import { viewConfig } from "../../../../api/kubeconfig/views.ts";
import { command } from "../../command/command.ts";
import { loadKubeconfigOf } from "../../input/load-kubeconfig.ts";
import { printValue } from "../../printers/print-value.ts";

export const configView = command({
  name: "config view",
  summary: "Show the kubeconfig without its secrets.",
  usage: ["config view [--minify] [--raw] [-o yaml|json]"],
  examples: [
    { what: "All files merged, as the other verbs see them", line: "wctl config view" },
    { what: "Only what the current context needs", line: "wctl config view --minify" },
  ],
  options: [
    { name: "minify", type: "boolean", description: "Only what the current context needs." },
    { name: "raw", type: "boolean", description: "With keys and tokens." },
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["yaml", "json"],
      default: "yaml",
      description: "In this form.",
    },
  ],
  async run(_, flags, context) {
    const { config } = await loadKubeconfigOf(context);
    await context.out.write(await printValue(flags.output, viewConfig(config, flags)));
    return 0;
  },
});

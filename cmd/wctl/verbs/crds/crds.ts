import { command } from "../../command/command.ts";
import { customResourceDefinitions } from "../../daemon.ts";
import { usageFailure } from "../../errors/failure.ts";
import { printValue } from "../../printers/print-value.ts";

export const crds = command({
  name: "crds",
  summary: "Print the kinds as CustomResourceDefinitions, for a Kubernetes cluster.",
  description:
    "With them a Kubernetes API server keeps Processes and Instances and checks their fields by the same schemas; wctl and kubectl work against it as against wctld. It asks no server. What the schemas cannot say (names, ports, which fields exclude each other) is checked by wctld alone, and nothing runs them there.",
  usage: ["crds [-o yaml|json]"],
  examples: [
    { what: "Give them to a cluster", line: "wctl crds | kubectl apply -f -" },
    { what: "The names", line: "wctl crds -o json | jq -r '.items[].metadata.name'" },
  ],
  options: [
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["yaml", "json"],
      description: "As one List in this form. Default: YAML, a document for each.",
    },
  ],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("crds", "it takes no names");
    const items = await customResourceDefinitions();
    if (flags.output) {
      const list = { kind: "List", apiVersion: "v1", metadata: {}, items };
      await context.out.write(await printValue(flags.output, list));
      return 0;
    }
    const documents = await Promise.all(items.map((item) => printValue("yaml", item)));
    await context.out.write(documents.join("---\n"));
    return 0;
  },
});

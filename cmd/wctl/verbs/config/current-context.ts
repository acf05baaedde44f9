import { currentContext } from "../../../../api/kubeconfig/views.ts";
import { command } from "../../command/command.ts";
import { loadKubeconfigOf } from "../../input/load-kubeconfig.ts";
import { line } from "../../output/output.ts";

export const configCurrentContext = command({
  name: "config current-context",
  summary: "Print the name of the current context.",
  usage: ["config current-context"],
  examples: [{ what: "Where do I work now?", line: "wctl config current-context" }],
  options: [],
  async run(_, __, context) {
    await line(context.out, currentContext((await loadKubeconfigOf(context)).config));
    return 0;
  },
});

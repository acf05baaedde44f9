import { useContext } from "../../../../api/kubeconfig/views.ts";
import { command } from "../../command/command.ts";
import { usageFailure } from "../../errors/failure.ts";
import { loadKubeconfigOf } from "../../input/load-kubeconfig.ts";
import { line } from "../../output/output.ts";
import { save } from "./save.ts";

export const configUseContext = command({
  name: "config use-context",
  summary: "Make another context the current one.",
  usage: ["config use-context NAME"],
  examples: [{ what: "Work with the server that the context prod leads to", line: "wctl config use-context prod" }],
  takes: { contexts: true },
  options: [],
  async run(args, _, context) {
    const [name, ...more] = args;
    if (name === undefined || more.length > 0) throw usageFailure("config use-context", "name exactly one context");
    const changed = useContext(await loadKubeconfigOf(context), name);
    await save(changed.path, changed.config);
    await line(context.out, `Switched to context "${name}".`);
    return 0;
  },
});

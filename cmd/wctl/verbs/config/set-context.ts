import type { Kubeconfig, LoadedKubeconfig } from "../../../../api/kubeconfig/kubeconfig.ts";
import { currentContext } from "../../../../api/kubeconfig/views.ts";
import { command } from "../../command/command.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { loadKubeconfigOf } from "../../input/load-kubeconfig.ts";
import { line } from "../../output/output.ts";
import { save } from "./save.ts";

export const configSetContext = command({
  name: "config set-context",
  summary: "Change a context, for example its namespace.",
  usage: ["config set-context (NAME | --current) [--namespace NAME] [--cluster NAME] [--user NAME]"],
  examples: [
    { what: "Work in the namespace shop from now on", line: "wctl config set-context --current --namespace=shop" },
    { what: "Make a new context", line: "wctl config set-context staging --cluster=staging --user=me" },
  ],
  takes: { contexts: true },
  options: [
    { name: "current", type: "boolean", description: "Change the current context." },
    {
      name: "namespace",
      short: "n",
      type: "string",
      placeholder: "NAME",
      description: "The namespace of the context.",
    },
    { name: "cluster", type: "string", placeholder: "NAME", description: "The cluster of the context." },
    { name: "user", type: "string", placeholder: "NAME", description: "The user of the context." },
  ],
  async run(args, flags, context) {
    if (flags.current === args.length > 0 || args.length > 1) {
      throw usageFailure("config set-context", "name one context, or say --current");
    }
    const loaded = await loadKubeconfigOf(context);
    const name = args[0] ?? currentContext(loaded.config);
    const { namespace, cluster, user } = flags;
    const fields = Object.entries({ namespace, cluster, user }).filter(([, value]) => value !== undefined);
    const { path, config, created } = withContext(loaded, name, Object.fromEntries(fields));
    await save(path, config);
    await line(context.out, `Context "${name}" ${created ? "created" : "modified"}.`);
    return 0;
  },
});

/** The file that holds the context, else the first, with the context changed in it. */
function withContext(
  { files }: LoadedKubeconfig,
  name: string,
  fields: Record<string, unknown>,
): { path: string; config: Kubeconfig; created: boolean } {
  const holder = files.find(({ config }) => config.contexts?.some((one) => one.name === name));
  const file = holder ?? files[0];
  if (!file) throw new Failure("there is no kubeconfig to change");
  const others = file.config.contexts ?? [];
  const contexts = holder
    ? others.map((one) => (one.name === name ? { ...one, context: { ...one.context, ...fields } } : one))
    : [...others, { name, context: fields }];
  return { path: file.path, config: { ...file.config, contexts }, created: !holder };
}

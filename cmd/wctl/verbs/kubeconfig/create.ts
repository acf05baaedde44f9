import { command } from "../../command/command.ts";
import { usageFailure } from "../../errors/failure.ts";

export const kubeconfigCreate = command({
  name: "kubeconfig create",
  summary: "Print a kubeconfig for somebody else, with a certificate of their own.",
  description:
    "The certificate names a user and groups, and nothing more: what they may do is said by RoleBindings and ClusterRoleBindings. It holds a private key, so keep the file for its owner alone. A certificate can't be taken back before it ends; take the bindings of its user away. Only the administrator may ask for it.",
  usage: ["kubeconfig create --user=NAME [flags]"],
  examples: [
    {
      what: "For jane, of the team shop",
      line: "wctl kubeconfig create --user=jane --group=shop-team > jane.kubeconfig",
    },
    { what: "For a day", line: "wctl kubeconfig create --user=guest --ttl=24h > guest.kubeconfig" },
  ],
  options: [
    { name: "user", type: "string", placeholder: "NAME", description: "Who it is for, as bindings name users." },
    { name: "group", type: "list", placeholder: "NAME", description: "Groups that the user is in." },
    {
      name: "ttl",
      type: "duration",
      placeholder: "DURATION",
      default: 2_592_000,
      description: "How long it is good for, from 10m to 9528h.",
    },
  ],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("kubeconfig create", `unexpected argument: ${args[0]}`);
    if (flags.user === undefined) throw usageFailure("kubeconfig create", "name the user: --user=NAME");
    const query = new URLSearchParams({ user: flags.user, ttl: `${flags.ttl}s` });
    for (const group of flags.group) query.append("group", group);
    const { client } = await context.session.open();
    await context.out.write(await client.raw("POST", `/kubeconfigs?${query}`, { signal: context.signal }));
    return 0;
  },
});

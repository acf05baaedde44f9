import { type GitUrl, parseGitUrl } from "../../../../api/git/git-url.ts";
import { makeKey } from "../../../../api/object.ts";
import { gitSources } from "../../../../api/scheme.ts";
import { credentialsIn } from "../../../../git/transport/credentials.ts";
import { type Context, command } from "../../command/command.ts";
import { timeout } from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { reconcileNow } from "../../watching/reconcile-now.ts";
import { getIfThere } from "./apply-one.ts";
import { nodeNameOf, textsOf } from "./at-server.ts";
import { exportFiles } from "./export-files.ts";
import { firstFiles } from "./first-files.ts";
import { credentialOptions, givenCredentials } from "./given-credentials.ts";
import { differenceOf, folderOf, needsNodeName, type Plan } from "./plan.ts";

export const bootstrapGit = command({
  name: "bootstrap git",
  summary: "Have this host follow a repository, from nothing.",
  description:
    "Reads the repository, which may be empty; pushes a first manifest where --path has none; writes the Secret of the credentials and the GitSource; and waits until the revision is applied. Done again it changes nothing. Nothing is forced: when somebody else pushes meanwhile, it says so and ends. The credentials are in no file of the repository; no git is needed here. With a token that may only read, have the first manifest committed by somebody else (--export).",
  usage: ["bootstrap git --url=URL --path=FOLDER [flags]"],
  examples: [
    {
      what: "Follow the folder of a private repository that has the name of this host",
      line: `wctl bootstrap git --url https://git.example.com/fleet.git --path 'hosts/\${node.name}' --token-file token`,
    },
    {
      what: "A folder of its own, over ssh",
      line: "wctl bootstrap git --url git@example.com:fleet.git --path hosts/web-1 --ssh-key-file key --known-hosts-file known",
    },
    {
      what: "Write the first manifest into a clone, for somebody else to push",
      line: "wctl bootstrap git --url https://git.example.com/fleet.git --path hosts/web-1 --export clone",
    },
  ],
  options: [
    { name: "url", type: "string", placeholder: "URL", description: "The repository: https or ssh." },
    {
      name: "path",
      type: "string",
      placeholder: "FOLDER",
      description: `The folder in it, which may hold \${node.name}; . is all of it.`,
    },
    { name: "branch", type: "string", placeholder: "NAME", description: "The branch; without it the main one." },
    {
      name: "name",
      type: "string",
      default: "fleet",
      placeholder: "NAME",
      description: "What the GitSource is called.",
    },
    {
      name: "interval",
      type: "string",
      placeholder: "DURATION",
      description: "How often the repository is looked at (a minute).",
    },
    {
      name: "service-account",
      type: "string",
      placeholder: "NAME",
      description: "With whose rights it is applied; without it with those of an editor of the namespace.",
    },
    {
      name: "secret-name",
      type: "string",
      placeholder: "NAME",
      description: "The Secret of the credentials (NAME-git); without credentials here, one that is there.",
    },
    ...credentialOptions,
    { name: "no-push", type: "boolean", description: "Push nothing: the folder has manifests." },
    {
      name: "export",
      type: "string",
      placeholder: "DIR",
      description: "Write the first manifest below this folder, and do nothing else.",
    },
    { ...timeout, default: 300 },
  ],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("bootstrap git", `unexpected argument ${JSON.stringify(args[0])}`);
    const { url: urlText, path, name } = flags;
    if (urlText === undefined || path === undefined)
      throw usageFailure("bootstrap git", "--url and --path are required");
    const url = urlOf(urlText);
    const credentials = await givenCredentials(url, flags, context.stdin);
    const nodeName = needsNodeName(path) ? await nodeNameOf((await context.session.open()).client) : undefined;
    const folder = folderOf(path, nodeName);
    if (flags.export !== undefined) {
      for (const said of await exportFiles(flags.export, await firstFiles({ name }, folder)))
        await line(context.out, said);
      return 0;
    }
    const { client, namespace } = await context.session.open();
    const existing = await getIfThere(client, gitSources, makeKey(namespace, name));
    const plan: Plan = {
      name,
      namespace,
      url,
      path,
      branch: flags.branch ?? existing?.spec.ref?.branch,
      interval: flags.interval,
      serviceAccountName: flags["service-account"],
      secretName: flags["secret-name"] ?? existing?.spec.secretRef?.name ?? (credentials && `${name}-git`),
      credentials,
    };
    const difference = existing && differenceOf(existing, plan);
    if (difference !== undefined)
      throw new Failure(
        `gitsources.wctl.dev ${JSON.stringify(name)} follows ${difference} already: choose another --name, or delete it`,
      );
    const held = credentials ?? (await textsOf(client, namespace, plan.secretName));
    await begin(plan, folder, { mayPush: !flags["no-push"], credentials: credentialsIn(held) }, context);
    const asking = { seconds: flags.timeout, fieldManager: "wctl-bootstrap" };
    await line(context.out, `${objectName(gitSources, name)} ${await reconcileNow(name, asking, context)}`);
    return 0;
  },
});

async function begin(
  plan: Plan,
  folder: string,
  { mayPush, credentials }: { mayPush: boolean; credentials: ReturnType<typeof credentialsIn> },
  { session, out, clock, signal }: Context,
): Promise<void> {
  const { bootstrap } = await import("./bootstrap.ts");
  const { withGit } = await import("./with-git.ts");
  const { client } = await session.open();
  const remote = { url: plan.url, credentials };
  const say = (text: string) => line(out, text);
  await withGit(clock, (git) =>
    bootstrap(plan, folder, { client, git, remote, mayPush, now: () => clock.wall(), signal, say }),
  );
}

/** Nothing of it is shown: somebody may have put a password into it. */
function urlOf(text: string): GitUrl {
  const url = parseGitUrl(text);
  if (typeof url === "string") throw new Failure(`--url ${url}`);
  return url;
}

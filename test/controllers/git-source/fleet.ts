import type { TestContext } from "node:test";
import type { Client } from "../../../api/client.ts";
import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import { clusterRoles, gitSources, scheme } from "../../../api/scheme.ts";
import type { GitSource, GitSourceSpec } from "../../../api/types.generated.ts";
import { serviceAccountIdentity, sourceIdentity } from "../../../apiserver/authentication/identity.ts";
import { gitSourceIndexers } from "../../../controllers/git-source/keys.ts";
import { GitSourceReconciler, watchGitSources } from "../../../controllers/git-source/reconciler.ts";
import { silentLogger } from "../../../lib/logger.ts";
import type { Reconciler } from "../../../machinery/reconciler.ts";
import { settle } from "../../lib/fake-clock.ts";
import { Cluster } from "../../machinery/cluster.ts";
import { FakeGit } from "./fake-git.ts";

export const map = (name: string, value = "1", namespace?: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${namespace ? `, namespace: ${namespace}` : ""}}\ndata: {value: "${value}"}\n`;
export const program = (name: string, account = "Dynamic"): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec: {command: /bin/true, runAs: {account: ${account}}}\n`;
export const URL = "https://git.example.com/ops/fleet.git";

/** As the controller of aggregated roles does it. */
async function aggregateEdit({ client }: Cluster): Promise<void> {
  const parts = ["system:aggregate-to-edit", "system:aggregate-to-view"];
  const rules = await Promise.all(parts.map(async (name) => (await client.get(clusterRoles, name)).rules ?? []));
  await client.patch(clusterRoles, "edit", { type: "merge", body: { rules: rules.flat() } });
}

interface Differences {
  /** Every Client. */
  wrap?: (client: Client) => Client;
  /** Of local copies, which nobody makes here. */
  folder?: string;
}

/** A cluster whose GitSource `fleet` follows a repository in memory. */
export async function setUp(t: TestContext, { wrap, folder = "/nowhere" }: Differences = {}) {
  const cluster = await Cluster.open(t, wrap);
  await aggregateEdit(cluster);
  const git = new FakeGit();
  const copies: string[] = [];
  const informer = cluster.informer(gitSources, gitSourceIndexers);
  const make = () =>
    new GitSourceReconciler({
      client: cluster.as("git-source"),
      writerOf: ({ metadata: { namespace = "default", name }, spec: { serviceAccountName: account } }) =>
        cluster.clientOf(account ? serviceAccountIdentity(namespace, account) : sourceIdentity(namespace, name)),
      sources: informer.lister,
      folder,
      openGit: (copy) => {
        copies.push(copy);
        return git;
      },
      resources: scheme,
      nodeName: "pc1",
      recorder: cluster.recorder,
      clock: cluster.clock,
      logger: silentLogger,
      random: () => 0.5,
    });
  let reconciler = make();
  const latest: Reconciler = { reconcile: (request) => reconciler.reconcile(request) };
  watchGitSources(cluster.controller("git-source", latest), informer);
  t.after(() => reconciler.close());
  await cluster.start();
  const find = async () => (await cluster.find(gitSources, "default/fleet")) as Stored<GitSource>;
  return {
    cluster,
    git,
    copies,
    find,
    look: (key: string) => reconciler.look(key),
    /** As another daemon finds it. */
    async restart(): Promise<void> {
      await reconciler.close();
      reconciler = make();
      await reconciler.reconcile({ key: "default/fleet" });
    },
    patch: (body: { spec?: Partial<GitSourceSpec>; metadata?: object }) =>
      cluster.client.patch(gitSources, "default/fleet", { type: "merge", body }),
    apply: (spec: Partial<GitSourceSpec> = {}) =>
      cluster.client.create(gitSources, {
        apiVersion: "wctl.dev/v1",
        kind: "GitSource",
        metadata: { name: "fleet", namespace: "default" },
        spec: { url: URL, interval: "10s", ...spec },
      }),
    annotate: (annotations: Record<string, string>) =>
      cluster.client.patch(gitSources, "default/fleet", { type: "merge", body: { metadata: { annotations } } }),
    /** Until nothing happens any more; with an interval's time before. */
    async pass(ms = 0): Promise<string> {
      cluster.clock.advance(ms);
      for (let round = 0; round < 5; round++) {
        await settle();
        cluster.clock.advance(50);
        await settle();
      }
      await cluster.recorder.flush();
      const ready = findCondition((await find()).status?.conditions, "Ready");
      return `${ready?.status} ${ready?.reason}: ${ready?.message}`;
    },
  };
}

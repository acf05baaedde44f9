/** The client that programs in JavaScript use, as it is, at the built daemon. */
import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { bringClientNode } from "../../scripts/clients/client-node.ts";
import { DaemonUnderTest } from "../e2e/daemon-under-test.ts";
import { eventually } from "../eventually.ts";

// biome-ignore lint/suspicious/noExplicitAny: its types are not installed
type Any = any;

/** Bringing and running it costs as much as all of the store's tests. */
const isAsked = process.env.CI === "true" || process.env.CLIENTS === "all";
const brought = isAsked
  ? await bringClientNode()
  : { missing: "CI runs it, and so does CLIENTS=all make test ONLY=test/clients" };
const k8s: Any = "path" in brought ? await import(brought.path) : undefined;

const namespace = "default";
const group = { group: "wctl.dev", version: "v1", namespace, plural: "processes" };
const speaker = `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web}
spec: {command: /bin/sh, args: [-c, "echo its words; exec sleep 100000"]}
`;
const configMap = (name: string, data: Record<string, string>) => ({ metadata: { name }, data });

describe("@kubernetes/client-node", { skip: "missing" in brought ? brought.missing : false }, () => {
  let daemon: DaemonUnderTest;
  let config: Any;
  let core: Any;
  before(async () => {
    daemon = await DaemonUnderTest.start();
    await daemon.apply(speaker);
    await daemon.ok("wait", "--for=condition=Ready", "process/web");
    config = new k8s.KubeConfig();
    config.loadFromFile(daemon.kubeconfig);
    core = config.makeApiClient(k8s.CoreV1Api);
  });
  after(() => daemon.dispose());

  it("creates, reads, replaces, patches, lists and deletes by types", async () => {
    const made = await core.createNamespacedConfigMap({ namespace, body: configMap("typed", { a: "1" }) });
    assert.ok(made.metadata.creationTimestamp instanceof Date);
    const body = { ...made, data: { a: "2" } };
    await core.replaceNamespacedConfigMap({ namespace, name: "typed", body });
    await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: "typed", body }), { code: 409 });
    const options = k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.StrategicMergePatch);
    const patch = { namespace, name: "typed", body: { data: { b: "3" } } };
    assert.deepEqual((await core.patchNamespacedConfigMap(patch, options)).data, { a: "2", b: "3" });
    const { items } = await core.listNamespacedConfigMap({ namespace, fieldSelector: "metadata.name=typed" });
    assert.equal(items.length, 1);
    await core.deleteNamespacedConfigMap({ namespace, name: "typed" });
    await assert.rejects(core.readNamespacedConfigMap({ namespace, name: "typed" }), { code: 404 });
  });

  it("reads what it has types for: Pods, Nodes, Events, Services, Secrets, Leases, roles", async () => {
    const [pod] = (await core.listNamespacedPod({ namespace })).items;
    assert.deepEqual([pod.metadata.name, pod.status.phase, pod.spec.containers[0].name], ["web-0", "Running", "main"]);
    const [node] = (await core.listNode()).items;
    assert.equal(node.status.conditions.find(({ type }: Any) => type === "Ready").status, "True");
    assert.ok((await core.listEventForAllNamespaces()).items.length > 0);
    assert.deepEqual((await core.listServiceForAllNamespaces()).items, []);
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: "typed" }, stringData: { p: "w" } } });
    assert.deepEqual((await core.readNamespacedSecret({ namespace, name: "typed" })).data, { p: "dw==" });
    const leases = config.makeApiClient(k8s.CoordinationV1Api);
    assert.equal((await leases.listNamespacedLease({ namespace: "kube-node-lease" })).items.length, 1);
    const roles = config.makeApiClient(k8s.RbacAuthorizationV1Api);
    assert.ok((await roles.listClusterRole()).items.some(({ metadata }: Any) => metadata.name === "view"));
    const { gitVersion } = await config.makeApiClient(k8s.VersionApi).getCode();
    assert.match(gitVersion, /^v1\.\d+\.\d+-wctl\./);
  });

  it("knows Processes as custom objects, and by what discovery says of them", async () => {
    const custom = config.makeApiClient(k8s.CustomObjectsApi);
    const body = {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "custom" },
      spec: { command: "/bin/true", suspend: true },
    };
    await custom.createNamespacedCustomObject({ ...group, body });
    const named = { ...group, name: "custom" };
    const json = [{ op: "replace", path: "/spec/replicas", value: 2 }];
    await custom.patchNamespacedCustomObject({ ...named, body: json });
    const scaled = await custom.getNamespacedCustomObjectScale(named);
    assert.deepEqual([scaled.kind, scaled.spec.replicas], ["Scale", 2]);
    assert.equal((await custom.getNamespacedCustomObjectStatus(named)).kind, "Process");

    const objects = k8s.KubernetesObjectApi.makeApiClient(config);
    const apply = k8s.PatchStrategy.ServerSideApply;
    const wanted = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied", namespace }, data: { k: "v" } };
    const patch = () => objects.patch(wanted, undefined, undefined, "tests", false, apply);
    const first = await patch();
    assert.equal((await patch()).metadata.resourceVersion, first.metadata.resourceVersion);
    const { items } = await objects.list("wctl.dev/v1", "Process", namespace);
    assert.deepEqual(items.map(({ metadata }: Any) => metadata.name).sort(), ["custom", "web"]);
    await custom.deleteNamespacedCustomObject(named);
  });

  it("asks what it may", async () => {
    const authorization = config.makeApiClient(k8s.AuthorizationV1Api);
    const resourceAttributes = { verb: "delete", group: "wctl.dev", resource: "processes", namespace };
    const asked = await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
    assert.equal(asked.status.allowed, true);
  });

  it("runs a command, hears all of it, and how it ended", async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const said = Promise.all([text(stdout), text(stderr)]);
    const command = ["/bin/sh", "-c", "cat; echo oh >&2; exit 3"];
    const status = await new Promise<Any>((resolve, reject) => {
      new k8s.Exec(config)
        .exec(namespace, "web-0", "main", command, stdout, stderr, Readable.from(["typed"]), false, resolve)
        .catch(reject);
    });
    stdout.end();
    stderr.end();
    assert.deepEqual(await said, ["typed", "oh\n"]);
    assert.deepEqual([status.status, status.reason], ["Failure", "NonZeroExitCode"]);
    assert.deepEqual(status.details.causes, [{ reason: "ExitCode", message: "3" }]);
  });

  it("reads output, and follows it", async () => {
    for (const options of [{}, { follow: true, limitBytes: "its words\n".length }]) {
      const output = new PassThrough();
      await new k8s.Log(config).log(namespace, "web-0", "main", output, options);
      assert.equal(await text(output), "its words\n");
    }
  });

  it("measures what runs", async () => {
    await eventually(async () => {
      const measured = await k8s.topPods(core, new k8s.Metrics(config), namespace);
      return measured.some(({ Pod, Memory }: Any) => Pod.metadata.name === "web-0" && Number(Memory.CurrentUsage) > 0);
    }, "the memory of a Pod");
    const [node] = await k8s.topNodes(core);
    assert.ok(Number(node.CPU.Capacity) > 0);
  });

  it("watches and keeps what there is, while the daemon is killed and started again: nothing is missed, nothing comes twice", async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const labels = { of: "informers" };
    let lists = 0;
    const list = () => {
      lists++;
      return core.listNamespacedConfigMap({ namespace, labelSelector: "of=informers" });
    };
    const informer = k8s.makeInformer(config, path, list, "of=informers");
    const seen: string[] = [];
    let isWanted = true;
    let starts = Promise.resolve();
    for (const verb of ["add", "update", "delete"])
      informer.on(verb, ({ metadata }: Any) => seen.push(`${verb} ${metadata.name} ${metadata.resourceVersion}`));
    const restart = () => new Promise((resolve) => setTimeout(resolve, 20)).then(() => isWanted && informer.start());
    informer.on("error", () => (starts = starts.then(restart)));
    await informer.start();

    const wanted: string[] = [];
    for (let round = 0; round < 3; round++) {
      const name = `informed-${round}`;
      const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels } } });
      const body = { ...made, data: { k: "v" } };
      const changed = await core.replaceNamespacedConfigMap({ namespace, name, body });
      wanted.push(`add ${name} ${made.metadata.resourceVersion}`, `update ${name} ${changed.metadata.resourceVersion}`);
      if (round === 1) await eventually(() => seen.length === wanted.length, "the watch to be there");
      await daemon.end("SIGKILL");
      // Clients keep the address of their server, so it comes back where it was.
      await daemon.start("--listen", new URL(config.getCurrentCluster().server).host);
    }
    await eventually(() => seen.length >= wanted.length, "all to be seen");
    await core.deleteNamespacedConfigMap({ namespace, name: "informed-0" });
    await eventually(() => seen.length > wanted.length, "the end of one");
    isWanted = false;
    await informer.stop();
    await starts;
    assert.deepEqual(seen.slice(0, wanted.length), wanted);
    assert.match(seen.at(-1)!, /^delete informed-0 /);
    assert.equal(seen.length, wanted.length + 1);
    assert.deepEqual(
      informer.list().map(({ metadata }: Any) => metadata.name),
      ["informed-1", "informed-2"],
    );
    assert.equal(lists, 1, "it had to list again");
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HttpClient } from "../../api/http/http-client.ts";
import { parseManifests } from "../../api/manifests/parse-manifests.ts";
import { type KubeObject, keyOf } from "../../api/object.ts";
import { configMaps, processes } from "../../api/scheme.ts";
import { DaemonUnderTest } from "../e2e/daemon-under-test.ts";
import { eventually } from "../eventually.ts";
import { GitOpsLoop, isCurrent } from "./gitops-loop.ts";
import { all, configMap, process } from "./manifests.ts";

const objectsIn = (text: string): KubeObject[] => parseManifests(text, "source.yaml").map(({ object }) => object);
const whole = objectsIn(all(process("web"), process("worker"), configMap("settings", "{k: v}")));
const [web, worker, settings] = whole as [KubeObject, KubeObject, KubeObject];

describe("a GitOps controller as Flux", () => {
  let daemon: DaemonUnderTest;
  let client: HttpClient;
  let loop: GitOpsLoop;
  before(async () => {
    daemon = await DaemonUnderTest.start();
    client = await daemon.client();
    loop = new GitOpsLoop(client, "apps");
  });
  after(async () => {
    client.close();
    await daemon.dispose();
  });

  const current = () =>
    eventually(async () => {
      const found = await Promise.all(whole.map((object) => loop.read(object)));
      return found.every((object) => object && isCurrent(object));
    }, "everything to be current, as kstatus judges");

  it("makes what its source has, and sees it become current", async () => {
    assert.deepEqual(await loop.reconcile(whole), ["Process/web", "Process/worker", "ConfigMap/settings"]);
    await current();
  });

  it("then holds still: not even an apply that is no dry run changes a resourceVersion", async () => {
    for (let interval = 0; interval < 3; interval++) assert.deepEqual(await loop.reconcile(whole), []);
    const before = await loop.read(settings);
    const labels = before!.metadata.labels!;
    const body = { ...settings, metadata: { ...settings.metadata, labels } };
    const options = { fieldManager: "kustomize-controller" };
    const again = await client.patch(configMaps, keyOf(settings), { type: "apply", body }, options);
    assert.equal(again.metadata.resourceVersion, before!.metadata.resourceVersion);
  });

  it("takes back what somebody changed of it, and leaves alone what it does not say", async () => {
    await client.patch(
      processes,
      keyOf(web),
      { type: "merge", body: { spec: { args: ["1"], replicas: 2 } } },
      { fieldManager: "somebody" },
    );
    assert.deepEqual(await loop.reconcile(whole), ["Process/web"]);
    const { spec } = await client.get(processes, keyOf(web));
    assert.deepEqual({ args: spec.args, replicas: spec.replicas }, { args: ["100000"], replicas: 2 });
    assert.deepEqual(await loop.reconcile(whole), []);
    await current();
  });

  it("ends what its source has no more, and nothing else", async () => {
    const uid = (await loop.read(web))!.metadata.uid;
    assert.ok(await loop.read(worker));
    assert.deepEqual(await loop.reconcile([web, settings]), ["Process/worker"]);
    await eventually(async () => (await loop.read(worker)) === undefined, "the worker to be gone");
    assert.equal((await loop.read(web))?.metadata.uid, uid);
    assert.deepEqual(await loop.reconcile([web, settings]), []);
  });
});

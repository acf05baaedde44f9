import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMaps, gitSources, namespaces, nodes, processes, type Resource } from "../../../../../api/scheme.ts";
import { Desk, rolledOut } from "../../desk.ts";

const MARKS = { labels: { "wctl.dev/source": "git.default.fleet" }, annotations: { "wctl.dev/source-file": "a.yaml" } };

describe("wctl tree", () => {
  let desk: Desk;
  const make = (resource: Resource, name: string, more: object = {}, annotations: object = {}): Promise<unknown> =>
    desk.client.create(resource, {
      apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
      kind: resource.kind,
      metadata: {
        name,
        ...(resource.namespaced ? { namespace: "default" } : {}),
        labels: MARKS.labels,
        annotations: { ...MARKS.annotations, ...annotations },
      },
      ...more,
    });

  before(async () => {
    desk = await Desk.open();
    const source = await desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace: "default" },
      spec: { url: "https://git.example.com/fleet.git" },
    });
    const ready = { type: "Ready", status: "True", reason: "Applied", message: "applied main\nand more" };
    const { resourceVersion: _, ...metadata } = source.metadata;
    const conditions = [{ ...ready, lastTransitionTime: "2026-01-01T00:00:00Z" }];
    await desk.client.updateStatus(gitSources, {
      ...source,
      metadata,
      status: { observedGeneration: 1, conditions },
    } as never);
    await make(configMaps, "b", {}, { "wctl.dev/reconcile": "disabled" });
    await make(configMaps, "a", {}, { "wctl.dev/source-adopted": "true" });
    await make(namespaces, "shop");
    await make(processes, "api", { spec: { command: "/bin/x", dependsOn: [{ name: "web" }] } });
    const web = await desk.process("web", { replicas: 2 }, rolledOut(2), MARKS);
    await desk.instance(web, 1, {
      phase: "Backoff",
      state: { waiting: { reason: "CrashLoopBackOff", message: "exit \x1b[31mcode 3\nwctl: all is well" } },
    });
    await desk.instance(web, 0, { phase: "Ready" });
    await desk.process("stranger", {}, rolledOut(1), { labels: MARKS.labels });
  });
  after(() => desk.close());

  const shown = async (line: string): Promise<string[]> => {
    const { code, out, err } = await desk.wctl(line);
    assert.deepEqual([code, err], [0, ""]);
    // The age is of this very moment.
    return out
      .trimEnd()
      .split("\n")
      .map((row) =>
        row
          .replace(/\b\d+s(?: {2,}|$)/, "AGE ")
          .trimEnd()
          .replace(/ {2,}/g, " | "),
      );
  };

  it("shows what a source has applied, in that order, with marks, and the instances below their process", async () => {
    assert.deepEqual(await shown("tree gitsource/fleet"), [
      "NAMESPACE | NAME | HEALTH | AGE | MESSAGE",
      "default | gitsource/fleet | Healthy | AGE applied main...",
      " | ├─namespace/shop | Healthy | AGE",
      "default | ├─configmap/a (adopted) | Healthy | AGE",
      "default | ├─configmap/b (paused) | Healthy | AGE",
      "default | ├─process/web | Healthy | AGE all instances are ready",
      "default | │ ├─instance/web-0 | Healthy | AGE",
      "default | │ └─instance/web-1 | Degraded | AGE exit ^[[31mcode 3...",
      "default | └─process/api | Progressing | AGE the change is not observed yet",
    ]);
  });

  it("takes a bare name for a source, and shows a process alone", async () => {
    assert.equal((await shown("tree fleet --no-headers")).length, 8);
    assert.deepEqual(
      (await shown("tree process/web --no-headers")).map((row) => row.split(" | ")[1]),
      ["process/web", "├─instance/web-0", "└─instance/web-1"],
    );
  });

  it("shows below a node what its daemon's folder declares", async () => {
    await desk.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "pc1" } } as never);
    const metadata = { name: "f", namespace: "default", ...MARKS, labels: { "wctl.dev/source": "directory" } };
    await desk.client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
    assert.deepEqual(await shown("tree node/pc1 --no-headers"), [
      " | node/pc1 | Progressing | AGE it is not observed yet",
      "default | └─configmap/f | Healthy | AGE",
    ]);
  });

  it("gives its objects to other programs as they are", async () => {
    assert.deepEqual(await shown("tree fleet -o name"), [
      "gitsource.wctl.dev/fleet",
      "namespace/shop",
      "configmap/a",
      "configmap/b",
      "process.wctl.dev/web",
      "instance.wctl.dev/web-0",
      "instance.wctl.dev/web-1",
      "process.wctl.dev/api",
    ]);
    const { out } = await desk.wctl("tree process/web -o json");
    const { kind, items } = JSON.parse(out) as { kind: string; items: { kind: string }[] };
    assert.deepEqual([kind, items.map((one) => one.kind)], ["List", ["Process", "Instance", "Instance"]]);
  });

  it("shows what there is when a name is wrong, and fails", async () => {
    const { code, out, err } = await desk.wctl("tree gitsource/fleet gitsource/none");
    assert.equal(code, 1);
    assert.match(out, /process\/api/);
    assert.equal(err, 'Error from server (NotFound): gitsources.wctl.dev "none" not found\n');
    assert.equal((await desk.wctl("tree gitsource/none")).out, "", "no heading of nothing");
  });

  it("refuses what has nothing below it", async () => {
    const { code, out, err } = await desk.wctl("tree configmap/a");
    assert.deepEqual(
      [code, out, err],
      [1, "", "error: nothing is below configmaps\nName a gitsource, a process or a node.\n"],
    );
    assert.match((await desk.wctl("tree")).err, /^error: required resource not specified\n/);
  });
});

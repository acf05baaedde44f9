import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LoggedCopy } from "../../../../api/copy.ts";
import { StatusError } from "../../../../api/errors.ts";
import type { LogOptions } from "../../../../api/log-options.ts";
import type { Stored } from "../../../../api/object.ts";
import { instances, type Resource } from "../../../../api/scheme.ts";
import type { InstanceStatus } from "../../../../api/types.generated.ts";
import { PodsView } from "../../../../apiserver/views/pods/pods.ts";
import { systemClock } from "../../../../lib/clock.ts";
import { instance, openDesk } from "../../fixtures.ts";
import { adminClient } from "../../local-clients.ts";
import { storageContract } from "../../registry/storage-contract.ts";
import { TestServer } from "../../test-server.ts";

storageContract("pods", async () => {
  const { registry, store, clock } = await openDesk();
  await registry.create(instances as unknown as Resource, "default", instance("one"), {});
  return { storage: new PodsView(registry, clock), close: () => store.close() };
});

const of = "/apis/wctl.dev/v1/namespaces/default/instances";
const pods = "/api/v1/namespaces/default/pods";

describe("pods", () => {
  let server: TestServer;
  let asked: { copy: LoggedCopy; options: LogOptions } | undefined;
  let refusal: StatusError | undefined;
  before(async () => {
    server = await TestServer.start({
      views: (registry) => [new PodsView(registry, systemClock)],
      logs: {
        async *open(copy, options) {
          asked = { copy, options };
          if (refusal) throw refusal;
          yield Buffer.from("said\n");
        },
      },
    });
    for (const name of ["web-0", "web-1"]) {
      const body = instance(name, { labels: { nth: name.slice(4) } });
      assert.equal((await server.ask("POST", of, { body })).code, 201);
    }
  });
  after(() => server.stop());
  const get = async (path: string, headers = {}) => (await server.ask("GET", path, { headers })).json;
  const names = async (query: string): Promise<string[]> =>
    (await get(`${pods}?${query}`)).items.map(({ metadata }: Stored) => metadata.name);
  const become = async (name: string, status: InstanceStatus): Promise<void> => {
    const client = adminClient(server.registry);
    await client.updateStatus(instances, { ...(await client.get(instances, `default/${name}`)), status });
  };

  it("are Instances, with their versions", async () => {
    const list = await get(pods);
    assert.deepEqual([list.kind, list.apiVersion, list.items.length], ["PodList", "v1", 2]);
    const of0 = await get(`${of}/web-0`);
    const pod = await get(`${pods}/web-0`);
    assert.deepEqual(pod, list.items[0]);
    assert.deepEqual(
      [pod.metadata.uid, pod.metadata.resourceVersion, pod.metadata.labels],
      [of0.metadata.uid, of0.metadata.resourceVersion, { nth: "0" }],
    );
  });

  it("are selected by what Pods have", async () => {
    await become("web-1", { phase: "Ready", ready: true, state: { running: { startedAt: "2030-01-01T00:00:00Z" } } });
    assert.deepEqual(await names("labelSelector=nth%3D1"), ["web-1"]);
    assert.deepEqual(await names("fieldSelector=status.phase%3DRunning"), ["web-1"]);
    assert.deepEqual(await names("fieldSelector=status.phase%21%3DRunning"), ["web-0"]);
    assert.deepEqual(await names("fieldSelector=spec.nodeName%3Dhere,metadata.name%3Dweb-0"), ["web-0"]);
    assert.deepEqual(await names("fieldSelector=spec.nodeName%3Dother"), []);
    assert.deepEqual(await names("limit=1"), ["web-0"]);
    const { code, message } = await get(`${pods}?fieldSelector=status.pid%3D1`);
    assert.equal(code, 400);
    assert.match(message, /^field label not supported: status.pid/);
  });

  it("are watched, and come into a selection by their phase", async () => {
    const { metadata } = await get(pods);
    const selector = "fieldSelector=status.phase%3DSucceeded";
    const stream = await server.open("GET", `${pods}?watch=1&${selector}&resourceVersion=${metadata.resourceVersion}`);
    await become("web-1", { phase: "Succeeded", state: { terminated: { exitCode: 0, reason: "Completed" } } });
    await become("web-1", { phase: "Ready", ready: true, state: { running: { startedAt: "2030-01-01T00:00:00Z" } } });
    let text = "";
    for await (const chunk of stream) {
      text += chunk;
      if (text.split("\n").length > 2) break;
    }
    const events = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ type, object }) => [type, object.kind, object.status.phase]),
      [
        ["ADDED", "Pod", "Succeeded"],
        ["DELETED", "Pod", "Succeeded"],
      ],
    );
    const future = await get(`${pods}?watch=1&resourceVersion=999999`);
    assert.equal(future.reason, "Timeout", "at once, before the stream begins");
  });

  it("have the address of their node", async () => {
    assert.equal((await get(`${pods}/web-0`)).status.podIP, undefined);
    const addresses = [
      { type: "Hostname", address: "pc" },
      { type: "InternalIP", address: "10.0.0.1" },
    ];
    const body = { apiVersion: "v1", kind: "Node", metadata: { name: "here" } };
    assert.equal((await server.ask("POST", "/api/v1/nodes", { body })).code, 201);
    const written = await server.ask("PATCH", "/api/v1/nodes/here/status", {
      headers: { "content-type": "application/merge-patch+json" },
      body: { status: { addresses } },
    });
    assert.equal(written.code, 200, written.text);
    const { hostIP, podIPs } = (await get(`${pods}/web-0`)).status;
    assert.deepEqual([hostIP, podIPs], ["10.0.0.1", [{ ip: "10.0.0.1" }]]);
  });

  it("give what their Instance wrote, and know one container", async () => {
    const { metadata } = await get(`${of}/web-0`);
    const log = await server.ask("GET", `${pods}/web-0/log?container=main&follow=true&tailLines=3`);
    assert.deepEqual([log.code, log.text], [200, "said\n"]);
    assert.equal(asked?.copy.instance, metadata.uid);
    assert.deepEqual(asked?.options, { follow: true, tailLines: 3 });
    const other = await get(`${pods}/web-0/log?container=side`);
    assert.deepEqual([other.code, other.message], [400, "container side is not valid for pod web-0"]);
    const ghost = await get(`${pods}/ghost/log`);
    assert.deepEqual([ghost.code, ghost.message], [404, 'pods "ghost" not found']);
  });

  it("show the Events of their Instance", async () => {
    const { metadata } = await get(`${of}/web-0`);
    const involvedObject = {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      name: "web-0",
      namespace: "default",
      uid: metadata.uid,
    };
    for (const [name, involved] of [
      ["of-it", involvedObject],
      ["of-another", { ...involvedObject, kind: "Process" }],
    ] as const) {
      const body = { apiVersion: "v1", kind: "Event", metadata: { name }, involvedObject: involved };
      assert.equal((await server.ask("POST", "/api/v1/namespaces/default/events", { body })).code, 201);
    }
    const events = async (fields: string): Promise<string[]> =>
      (await get(`/api/v1/namespaces/default/events?fieldSelector=${encodeURIComponent(fields)}`)).items.map(
        ({ metadata }: Stored) => metadata.name,
      );
    assert.deepEqual(await events(`involvedObject.kind=Pod,involvedObject.uid=${metadata.uid}`), ["of-it"]);
    assert.deepEqual(await events("involvedObject.kind=Pod,involvedObject.apiVersion=v1"), ["of-it"]);
    assert.deepEqual(await events("involvedObject.kind=Instance,involvedObject.apiVersion=wctl.dev/v1"), ["of-it"]);
  });

  it("are written in no way, and say what to do instead", async () => {
    for (const [method, path] of [
      ["POST", pods],
      ["PUT", `${pods}/web-0`],
      ["PATCH", `${pods}/web-0`],
    ] as const) {
      const { code, json } = await server.ask(method, path, { body: {} });
      assert.deepEqual([code, json.reason], [405, "MethodNotAllowed"], `${method} ${path}`);
      assert.match(json.message, /^the server does not allow this method on the requested resource: .*its Process/);
    }
    const resource = { ...instances, group: "", kind: "Pod", plural: "pods" } as unknown as Resource;
    await assert.rejects(adminClient(server.registry).patch(resource, "default/web-0", { type: "merge", body: {} }), {
      reason: "MethodNotAllowed",
      message: /its Process/,
    });
  });

  it("are deleted with their Instance, and refused in the words of Pods", async () => {
    const { metadata } = await get(`${pods}/web-0`);
    const preconditions = { uid: "another" };
    const stale = await server.ask("DELETE", `${pods}/web-0`, { body: { kind: "DeleteOptions", preconditions } });
    assert.equal(stale.code, 409);
    assert.match(stale.json.message, /^Operation cannot be fulfilled on Pod "web-0": the UID in the precondition/);
    assert.equal(stale.json.details.kind, "Pod");
    assert.equal(stale.json.details.group, undefined);
    const { code, json } = await server.ask("DELETE", `${pods}/web-0`, { body: { gracePeriodSeconds: 0 } });
    assert.deepEqual([code, json.kind, json.metadata.uid], [200, "Pod", metadata.uid]);
    assert.ok((await get(`${of}/web-0`)).metadata.deletionTimestamp, "held until its processes are gone");
    const ghost = await server.ask("DELETE", `${pods}/ghost`);
    assert.deepEqual([ghost.code, ghost.json.message], [404, 'pods "ghost" not found']);
  });

  it("are evicted, which deletes them: there are no budgets that could hold it up", async () => {
    assert.equal((await server.ask("POST", of, { body: instance("evicted") })).code, 201);
    const { metadata } = await get(`${pods}/evicted`);
    const evict = (name: string, eviction: object = {}, query = "") =>
      server.ask("POST", `${pods}/${name}/eviction${query}`, {
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name }, ...eviction },
      });
    for (const [code, message, eviction] of [
      [400, /^name in URL does not match name in Eviction object$/, { metadata: {} }],
      [400, /^name in URL does not match name/, { metadata: { name: "web-1" } }],
      [400, /^the namespace of the provided object does not match/, { metadata: { name: "evicted", namespace: "x" } }],
      [400, /cannot be handled as a Eviction$/, { kind: "Pod" }],
      [400, /does not match the expected API version \(policy\/v1\)$/, { apiVersion: "policy/v2" }],
      [400, /^deleteOptions must be an object$/, { deleteOptions: "now" }],
      [
        409,
        /^Operation cannot be fulfilled on Pod "evicted": the UID/,
        { deleteOptions: { preconditions: { uid: "x" } } },
      ],
      [422, /propagationPolicy: Unsupported value: "Sideways"/, { deleteOptions: { propagationPolicy: "Sideways" } }],
      [422, /dryRun: Unsupported value/, { deleteOptions: { dryRun: [""] } }],
    ] as const) {
      const reply = await evict("evicted", eviction);
      assert.equal(reply.code, code, reply.text);
      assert.match(reply.json.message, message);
    }
    const ghost = await evict("ghost");
    assert.deepEqual([ghost.code, ghost.json.message], [404, 'pods "ghost" not found']);
    for (const [eviction, query] of [
      [{}, "?dryRun=All"],
      [{ deleteOptions: { dryRun: ["All"] } }, ""],
    ] as const)
      assert.equal((await evict("evicted", eviction, query)).code, 201);
    assert.equal((await get(`${of}/evicted`)).metadata.deletionTimestamp, undefined);

    const deleteOptions = { gracePeriodSeconds: 5, preconditions: { uid: metadata.uid } };
    const { code, json } = await evict("evicted", { apiVersion: "policy/v1beta1", deleteOptions });
    assert.deepEqual([code, json.kind, json.status], [201, "Status", "Success"]);
    const gone = (await get(`${of}/evicted`)).metadata;
    assert.ok(gone.deletionTimestamp);
    assert.equal(gone.deletionGracePeriodSeconds, 5);
    const { resources } = await get("/api/v1");
    const { group, version } = resources.find(({ name }: { name: string }) => name === "pods/eviction");
    assert.deepEqual([group, version], ["policy", "v1"]);
  });

  it("are deleted together, as their selectors choose them", async () => {
    const instances = async (): Promise<string[]> =>
      (await get(of)).items
        .filter(({ metadata }: Stored) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }: Stored) => metadata.name);
    for (const name of ["many-0", "many-1", "many-2"])
      assert.equal((await server.ask("POST", of, { body: instance(name, { labels: { app: "many" } }) })).code, 201);
    await become("many-1", { phase: "Succeeded", state: { terminated: { exitCode: 0, reason: "Completed" } } });
    const phase = "labelSelector=app%3Dmany&fieldSelector=status.phase%3DSucceeded";
    const body = { kind: "DeleteOptions", dryRun: ["All"] };
    const tried = (await server.ask("DELETE", `${pods}?${phase}`, { body })).json;
    assert.deepEqual([tried.kind, tried.items.length, (await instances()).includes("many-1")], ["PodList", 1, true]);
    const { code, json } = await server.ask("DELETE", `${pods}?${phase}`);
    const shown = json.items.map(({ kind, metadata, status }: Stored & { status: object }) => [
      kind,
      metadata.name,
      status,
    ]);
    assert.deepEqual([code, json.kind, shown.length, shown[0][1]], [200, "PodList", 1, "many-1"]);
    assert.equal(shown[0][2].phase, "Succeeded", "as it was");
    assert.deepEqual(await instances(), ["many-0", "many-2", "web-1"]);
    const strange = await server.ask("DELETE", `${pods}?fieldSelector=status.pid%3D1`);
    assert.deepEqual([strange.code, (await instances()).length], [400, 3]);
    assert.equal((await server.ask("DELETE", `${pods}?labelSelector=app`)).code, 200);
    assert.deepEqual(await instances(), ["web-1"]);
  });

  it("say of output that there is none why, in the words of the real server", async () => {
    const missing = new StatusError("NotFound", "there is no such run");
    refusal = missing;
    const log = async (query: string): Promise<unknown[]> => {
      const { code, message } = await get(`${pods}/web-1/log?${query}`);
      return [code, message];
    };
    const previous = 'previous terminated container "main" in pod "web-1" not found';
    assert.deepEqual(await log("previous=true"), [400, previous]);
    await become("web-1", { phase: "Pending", run: 3, state: { waiting: { reason: "CommandNotFound" } } });
    assert.deepEqual(await log(""), [400, 'container "main" in pod "web-1" is waiting to start: CommandNotFound']);
    const lastState = { terminated: { exitCode: 1, reason: "Error" } };
    await become("web-1", { phase: "Pending", run: 3, state: { waiting: { reason: "CrashLoopBackOff" } }, lastState });
    assert.deepEqual(await log(""), [404, "there is no such run"], "what was kept of it is gone");
    refusal = undefined;
  });

  it("are found by discovery", async () => {
    const { resources } = await get("/api/v1");
    assert.deepEqual(
      resources
        .filter(({ name }: { name: string }) => name.startsWith("pods"))
        .map(({ name, kind, shortNames, verbs }: Record<string, unknown>) => [name, kind, shortNames, verbs]),
      [
        ["pods", "Pod", ["po"], ["delete", "deletecollection", "get", "list", "watch"]],
        ["pods/log", "Pod", undefined, ["get"]],
        ["pods/attach", "Pod", undefined, ["create"]],
        ["pods/exec", "Pod", undefined, ["create"]],
        ["pods/eviction", "Eviction", undefined, ["create"]],
      ],
    );
  });
});

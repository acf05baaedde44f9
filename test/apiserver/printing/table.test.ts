import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keyOf, type Stored } from "../../../api/object.ts";
import {
  configMaps,
  controllerRevisions,
  events,
  instances,
  nodes,
  processes,
  type Resource,
  secrets,
} from "../../../api/scheme.ts";
import { columnTable } from "../../../apiserver/printing/column-table.ts";
import { tableJson } from "../../../apiserver/printing/table.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { kindNamed } from "../fixtures.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

const now = "2026-01-01T00:00:00Z";

const stored = (kind: string, name: string, fields: object = {}, metadata: object = {}): Stored =>
  ({
    apiVersion: kind === "Process" || kind === "Instance" ? "wctl.dev/v1" : "v1",
    kind,
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion: "7",
      creationTimestamp: "2025-12-27T00:00:00Z",
      ...metadata,
    },
    ...fields,
  }) as Stored;

const instance = (
  process: string,
  index: number,
  spec: object = {},
  status: object = {},
  metadata: object = {},
): Stored =>
  stored(
    "Instance",
    `${process}-${index}`,
    { spec: { command: "/bin/x", nodeName: "box", index, revision: "r", ...spec }, status },
    { labels: { "wctl.dev/process": process }, ...metadata },
  );

/** What kubectl would print: the columns, then one line per row. */
function printed(resource: Resource, objects: Stored[], copies: Stored[] = [], wide = false): string[] {
  const { columns, related } = kindNamed(resource.kind);
  const relatedTo = (object: Stored): Stored[] => copies.filter((copy) => related?.keyOf(copy) === keyOf(object));
  const convertor = columnTable(columns, new FakeClock(now), relatedTo);
  const options = { version: "v1", includeObject: "None", columnDefinitions: true } as const;
  const table = JSON.parse([...tableJson(convertor, objects, { resourceVersion: "9" }, options)].join(""));
  const shown = (cells: unknown[]): string =>
    cells
      .filter((_, index) => wide || table.columnDefinitions[index].priority === 0)
      .map((cell) => (cell === null ? "null" : String(cell)))
      .join(" | ");
  return [
    shown(table.columnDefinitions.map(({ name }: { name: string }) => name.toUpperCase())),
    ...table.rows.map(({ cells }: { cells: unknown[] }) => shown(cells)),
  ];
}

describe("tables", () => {
  it("of processes", () => {
    const web = stored("Process", "web", {
      spec: { command: "C:\\apps\\web.exe", replicas: 2 },
      status: { readyReplicas: 1, phase: "Running", restartCount: 4 },
    });
    const fresh = stored("Process", "fresh", { spec: { command: "x" } }, { creationTimestamp: "2025-12-31T23:59:58Z" });
    const going = stored(
      "Process",
      "going",
      { spec: { command: "x" }, status: { phase: "Running" } },
      { deletionTimestamp: now },
    );
    const copies = [
      instance("web", 1, {}, { pid: 4242 }),
      instance("web", 0, {}, { pid: 17 }),
      instance("other", 0, {}, { pid: 1 }),
    ];
    assert.deepEqual(printed(processes as Resource, [web, fresh, going], copies, true), [
      "NAME | READY | STATUS | RESTARTS | AGE | PID | COMMAND | NODE | PORTS",
      "web | 1/2 | Running | 4 | 5d | 17,4242 | C:\\apps\\web.exe | box | <none>",
      "fresh | 0/1 | Pending | 0 | 2s | <none> | x | <none> | <none>",
      "going | 0/1 | Terminating | 0 | 5d | <none> | x | <none> | <none>",
    ]);
    assert.deepEqual(printed(processes as Resource, [web], [])[0], "NAME | READY | STATUS | RESTARTS | AGE");
  });

  it("of processes: what the controller says of them, Pending for what nobody has looked at", () => {
    const none = { command: "/bin/x", replicas: 0 };
    const rows = [
      stored("Process", "calm", { spec: none, status: { phase: "Stopped", replicas: 0 } }),
      stored("Process", "new", { spec: none }),
    ];
    assert.deepEqual(printed(processes as unknown as Resource, rows).slice(1), [
      "calm | 0/0 | Stopped | 0 | 5d",
      "new | 0/0 | Pending | 0 | 5d",
    ]);
  });

  it("of processes with many copies stay short", () => {
    const many = stored("Process", "many", { spec: { command: "x", replicas: 10 } });
    const copies = Array.from({ length: 10 }, (_, index) =>
      instance("many", index, { nodeName: `n${index % 2}` }, { pid: 100 + index }),
    );
    const [, line] = printed(processes as Resource, [many], copies, true);
    assert.equal(
      line,
      "many | 0/10 | Pending | 0 | 5d | 100,101,102,103,104,105,106,107 + 2 more... | x | n0,n1 | <none>",
    );
  });

  it("of instances, in the words people grep for", () => {
    const rows = [
      instance("a", 0),
      instance("a", 1, {}, { phase: "Pending" }),
      instance("a", 2, {}, { phase: "Starting" }),
      instance("a", 3, {}, { phase: "Starting", state: { running: { startedAt: now } }, pid: 3 }),
      instance("a", 4, {}, { phase: "Running", restartCount: 1 }),
      instance("a", 5, {}, { phase: "Ready", ready: true, pid: 77 }),
      instance("a", 6, {}, { phase: "Backoff", restartCount: 12 }),
      instance("a", 7, {}, { phase: "Stopping" }),
      instance("a", 8, {}, { phase: "Succeeded" }),
      instance("a", 9, {}, { phase: "Failed" }),
      instance("b", 0, {}, { phase: "Ready", ready: true }, { deletionTimestamp: now }),
    ];
    assert.deepEqual(printed(instances as unknown as Resource, rows, [], true), [
      "NAME | READY | STATUS | RESTARTS | AGE | PID | COMMAND | NODE | PORTS",
      "a-0 | 0/1 | Pending | 0 | 5d | null | /bin/x | box | <none>",
      "a-1 | 0/1 | Pending | 0 | 5d | null | /bin/x | box | <none>",
      "a-2 | 0/1 | Pending | 0 | 5d | null | /bin/x | box | <none>",
      "a-3 | 0/1 | Running | 0 | 5d | 3 | /bin/x | box | <none>",
      "a-4 | 0/1 | Running | 1 | 5d | null | /bin/x | box | <none>",
      "a-5 | 1/1 | Running | 0 | 5d | 77 | /bin/x | box | <none>",
      "a-6 | 0/1 | CrashLoopBackOff | 12 | 5d | null | /bin/x | box | <none>",
      "a-7 | 0/1 | Terminating | 0 | 5d | null | /bin/x | box | <none>",
      "a-8 | 0/1 | Completed | 0 | 5d | null | /bin/x | box | <none>",
      "a-9 | 0/1 | Error | 0 | 5d | null | /bin/x | box | <none>",
      "b-0 | 1/1 | Terminating | 0 | 5d | null | /bin/x | box | <none>",
    ]);
  });

  it("of secrets and config maps count keys, and never show values", () => {
    const secret = stored("Secret", "s", { type: "Opaque", data: { a: "aHVzaA==", b: "aHVzaA==" } });
    assert.deepEqual(printed(secrets as unknown as Resource, [secret, stored("Secret", "e")]), [
      "NAME | TYPE | DATA | AGE",
      "s | Opaque | 2 | 5d",
      "e | null | 0 | 5d",
    ]);
    const map = stored("ConfigMap", "m", { data: { a: "1" }, binaryData: { b: "Mg==", c: "Mg==" } });
    assert.deepEqual(printed(configMaps as unknown as Resource, [map]), ["NAME | DATA | AGE", "m | 3 | 5d"]);
  });

  it("of nodes", () => {
    const ready = {
      conditions: [{ type: "Ready", status: "True" }],
      addresses: [
        { type: "Hostname", address: "one" },
        { type: "InternalIP", address: "192.0.2.1" },
      ],
      nodeInfo: {
        wctlVersion: "v0.1.0",
        osImage: "Debian",
        runtime: "posix",
        kernelVersion: "6.1",
        containerRuntimeVersion: "wctl-posix://0.1.0",
      },
    };
    const lost = { conditions: [{ type: "Ready", status: "Unknown" }] };
    const labels = { "node-role.kubernetes.io/web": "", "kubernetes.io/role": "db", "node-role.kubernetes.io/": "" };
    const two = stored("Node", "two", { spec: { unschedulable: true }, status: ready });
    const rows = [
      stored("Node", "one", { status: ready }),
      { ...two, metadata: { ...two.metadata, labels } },
      stored("Node", "three", { status: lost }),
    ];
    assert.deepEqual(printed(nodes as unknown as Resource, rows, [], true), [
      "NAME | STATUS | ROLES | AGE | VERSION | INTERNAL-IP | EXTERNAL-IP | OS-IMAGE | KERNEL-VERSION | CONTAINER-RUNTIME | RUNTIME",
      "one | Ready | <none> | 5d | v0.1.0 | 192.0.2.1 | <none> | Debian | 6.1 | wctl-posix://0.1.0 | posix",
      "two | Ready,SchedulingDisabled | db,web | 5d | v0.1.0 | 192.0.2.1 | <none> | Debian | 6.1 | wctl-posix://0.1.0 | posix",
      "three | NotReady | <none> | 5d | null | <none> | <none> | <unknown> | <unknown> | <unknown> | null",
    ]);
  });

  it("of controller revisions name whose they are, as kubectl does", () => {
    const owner = (apiVersion: string, kind: string, name: string) => ({
      ownerReferences: [{ apiVersion, kind, name, uid: "u", controller: true }],
    });
    const rows = [
      stored("ControllerRevision", "web-b", { revision: 2 }, owner("wctl.dev/v1", "Process", "web")),
      stored("ControllerRevision", "x", { revision: 1 }, owner("v1", "Thing", "x")),
      stored("ControllerRevision", "y", { revision: 0 }),
    ];
    assert.deepEqual(printed(controllerRevisions as unknown as Resource, rows), [
      "NAME | CONTROLLER | REVISION | AGE",
      "web-b | process.wctl.dev/web | 2 | 5d",
      "x | thing/x | 1 | 5d",
      "y | <none> | 0 | 5d",
    ]);
  });

  it("of events begin with when, as kubectl's do", () => {
    const rows = [
      stored("Event", "e1", {
        involvedObject: { kind: "Process", name: "web", fieldPath: "spec.command" },
        type: "Warning",
        reason: "CommandNotFound",
        message: "no such program",
        count: 3,
        firstTimestamp: "2025-12-31T23:50:00Z",
        lastTimestamp: "2025-12-31T23:56:58Z",
        source: { component: "instance", host: "box" },
      }),
      stored("Event", "e2", {
        involvedObject: { kind: "Instance", name: "web-0" },
        eventTime: "2025-12-31T21:00:00.123456Z",
        lastTimestamp: null,
        reportingComponent: "agent",
        reportingInstance: "agent-1",
      }),
      stored("Event", "e3", { involvedObject: {} }),
    ];
    assert.deepEqual(printed(events as unknown as Resource, rows, [], true), [
      "LAST SEEN | TYPE | REASON | OBJECT | SUBOBJECT | SOURCE | MESSAGE | FIRST SEEN | COUNT | NAME",
      "3m2s | Warning | CommandNotFound | process/web | spec.command | instance, box | no such program | 10m | 3 | e1",
      "179m | null | null | instance/web-0 | null | agent, agent-1 | null | 179m | null | e2",
      "<unknown> | null | null |  | null |  | null | <unknown> | null | e3",
    ]);
  });

  it("show a missing or broken date as kubectl does", () => {
    const none = stored("ConfigMap", "none", {}, { creationTimestamp: undefined });
    const broken = stored("ConfigMap", "broken", {}, { creationTimestamp: "yesterday" });
    const [, first, second] = printed(configMaps as unknown as Resource, [none, broken]);
    assert.deepEqual([first, second], ["none | 0 | <unknown>", "broken | 0 | <invalid>"]);
  });
});

describe("tables over HTTP", () => {
  let server: TestServer;
  const accept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
  before(async () => {
    server = await TestServer.start();
    await server.ask("POST", processesPath, { body: processManifest("web", {}, { labels: { a: "b" } }) });
  });
  after(() => server.stop());

  it("carry the metadata of each Object, or all of it, or nothing", async () => {
    const table = async (query = "") =>
      (await server.ask("GET", `${processesPath}${query}`, { headers: { accept } })).json;
    const rows = await table();
    assert.equal(rows.kind, "Table");
    assert.equal(rows.apiVersion, "meta.k8s.io/v1");
    assert.match(rows.metadata.resourceVersion, /^\d+$/);
    assert.deepEqual(rows.columnDefinitions[0], {
      name: "Name",
      type: "string",
      format: "name",
      description: "Unique within kind and namespace.",
      priority: 0,
    });
    assert.deepEqual(rows.rows[0].cells.slice(0, 2), ["web", "0/1"]);
    assert.equal(rows.rows[0].object.kind, "PartialObjectMetadata");
    assert.equal(rows.rows[0].object.apiVersion, "meta.k8s.io/v1");
    assert.equal(rows.rows[0].object.metadata.labels.a, "b");
    assert.equal(rows.rows[0].object.spec, undefined);
    assert.equal((await table("?includeObject=Object")).rows[0].object.spec.command, "/bin/true");
    assert.equal((await table("?includeObject=None")).rows[0].object, undefined);
    assert.equal((await table("?includeObject=Some")).code, 400);
    assert.equal((await table("/web")).rows[0].cells[0], "web");
    assert.equal((await table("?limit=1")).metadata.continue, undefined);
  });

  it("come in the older version too, and as metadata only", async () => {
    const older = await server.ask("GET", processesPath, {
      headers: { accept: "application/json;as=Table;v=v1beta1;g=meta.k8s.io" },
    });
    assert.equal(older.json.apiVersion, "meta.k8s.io/v1beta1");
    const partial = { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" };
    const list = await server.ask("GET", processesPath, { headers: partial });
    assert.equal(list.json.kind, "PartialObjectMetadataList");
    assert.equal(list.json.items[0].kind, "PartialObjectMetadata");
    assert.equal(list.json.items[0].spec, undefined);
    const unknown = await server.ask("GET", processesPath, {
      headers: { accept: "application/json;as=Chart;v=v1;g=meta.k8s.io" },
    });
    assert.equal(unknown.code, 406);
  });
});

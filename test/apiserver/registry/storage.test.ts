import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ListOptions, ObjectList, WatchEvent, WatchOptions } from "../../../api/client.ts";
import { isReason } from "../../../api/errors.ts";
import type { Key, KubeObject, Stored } from "../../../api/object.ts";
import { instances, type Resource } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { ageColumn, type Column } from "../../../apiserver/printing/column.ts";
import { columnTable } from "../../../apiserver/printing/column-table.ts";
import type { Registry } from "../../../apiserver/registry/registry.ts";
import type { Storage, Written } from "../../../apiserver/registry/storage.ts";
import { systemClock } from "../../../lib/clock.ts";
import { instance } from "../fixtures.ts";
import { adminClient } from "../local-clients.ts";
import { TestServer } from "../test-server.ts";

const resourceOf = (kind: string, plural: string, fields: Partial<Resource> = {}): Resource => ({
  group: "views.example",
  version: "v1",
  kind,
  plural,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  ...fields,
});

interface Pod extends KubeObject {
  status: { phase: string };
}

/** Instances, under another name and in another shape; it can be read and nothing else. */
class PodView implements Storage {
  readonly resource = resourceOf("Pod", "pods", { shortNames: ["po"] });
  readonly table = columnTable(
    [{ name: "Phase", type: "string", path: ".status.phase", description: "One word." }, ageColumn] as Column[],
    systemClock,
  );
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async get(key: Key): Promise<Stored> {
    return podOf(await this.#registry.get(instances as unknown as Resource, key));
  }

  async list(options: ListOptions): Promise<ObjectList> {
    const { items, metadata } = await this.#registry.list(instances as unknown as Resource, options);
    return { items: items.map(podOf), metadata };
  }

  async *watch(options: WatchOptions): AsyncGenerator<WatchEvent> {
    for await (const event of this.#registry.watch(instances as unknown as Resource, options)) {
      yield event.type === "BOOKMARK" ? event : { ...event, object: podOf(event.object) };
    }
  }
}

function podOf(object: Stored): Stored<Pod> {
  const { metadata, status } = object as unknown as Stored<Instance>;
  const phase = status?.phase ?? "Pending";
  return { apiVersion: "views.example/v1", kind: "Pod", metadata: metadata as Stored["metadata"], status: { phase } };
}

/** A question that is asked by creating it. */
class ReviewStorage implements Storage {
  readonly resource = resourceOf("Review", "reviews", { namespaced: false });

  async create(_namespace: string | undefined, body: unknown): Promise<Written> {
    const { spec } = body as { spec: { verb: string } };
    const answer = { apiVersion: "views.example/v1", kind: "Review", status: { allowed: spec.verb === "get" } };
    return { object: answer as unknown as Stored, created: true, warnings: ["only an example"] };
  }
}

const root = "/apis/views.example/v1";
const pods = `${root}/namespaces/default/pods`;

describe("a resource that keeps nothing", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ views: (registry) => [new PodView(registry), new ReviewStorage()] });
    const path = "/apis/wctl.dev/v1/namespaces/default/instances";
    for (const name of ["web-0", "web-1"]) {
      const { code, text } = await server.ask("POST", path, {
        body: instance(name, { labels: { nth: name.slice(4) } }),
      });
      assert.equal(code, 201, text);
    }
  });
  after(() => server.stop());
  const get = async (path: string, headers = {}) => (await server.ask("GET", path, { headers })).json;

  it("is read one by one, as a list, and by selectors", async () => {
    const one = await get(`${pods}/web-0`);
    assert.deepEqual([one.kind, one.metadata.name, one.status], ["Pod", "web-0", { phase: "Pending" }]);
    const list = await get(`${root}/pods?labelSelector=nth%3D1`);
    assert.deepEqual([list.kind, list.apiVersion], ["PodList", "views.example/v1"]);
    assert.deepEqual(
      list.items.map(({ kind, metadata }: Stored) => `${kind} ${metadata.name}`),
      ["Pod web-1"],
    );
    assert.equal((await get(`${pods}/none`)).code, 404);
  });

  it("is watched", async () => {
    const stream = await server.open("GET", `${pods}?watch=1`);
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
      events.map(({ type, object }) => `${type} ${object.kind} ${object.metadata.name}`),
      ["ADDED Pod web-0", "ADDED Pod web-1"],
    );
  });

  it("is a table", async () => {
    const table = await get(pods, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    assert.deepEqual(
      table.columnDefinitions.map(({ name }: { name: string }) => name),
      ["Name", "Phase", "Age"],
    );
    assert.deepEqual(table.rows[0].cells.slice(0, 2), ["web-0", "Pending"]);
  });

  it("is found by discovery, with what it can", async () => {
    const { resources } = await get(root);
    assert.deepEqual(
      resources.map(({ name, namespaced, verbs }: { name: string; namespaced: boolean; verbs: string[] }) => [
        name,
        namespaced,
        verbs,
      ]),
      [
        ["pods", true, ["get", "list", "watch"]],
        ["reviews", false, ["create"]],
      ],
    );
    const groups = (await get("/apis")).groups.map(({ name }: { name: string }) => name);
    assert.ok(groups.includes("views.example"));
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const found = (await get("/apis", { accept })).items.find(
      ({ metadata }: Stored) => metadata.name === "views.example",
    );
    assert.deepEqual(found.versions[0].resources[0].verbs, ["get", "list", "watch"]);
  });

  it("is asked by creating, and answers what it likes", async () => {
    const reply = await server.ask("POST", `${root}/reviews`, { body: { spec: { verb: "get" } } });
    assert.deepEqual([reply.code, reply.json.status], [201, { allowed: true }]);
    assert.match(String(reply.headers.warning), /only an example/);
  });

  it("is refused what it cannot, over HTTP as inside the daemon", async () => {
    for (const [method, path] of [
      ["POST", pods],
      ["DELETE", pods],
      ["PUT", `${pods}/web-0`],
      ["PATCH", `${pods}/web-0`],
      ["DELETE", `${pods}/web-0`],
      ["GET", `${root}/reviews`],
      ["GET", `${root}/reviews?watch=1`],
      ["GET", `${root}/reviews/x`],
    ] as const) {
      const { code, json } = await server.ask(method, path, method === "GET" ? {} : { body: {} });
      assert.deepEqual([code, json.reason], [405, "MethodNotAllowed"], `${method} ${path}`);
    }
    for (const path of [`${pods}/web-0/status`, `${root}/nothing`]) assert.equal((await get(path)).code, 404, path);
    const client = adminClient(server.registry);
    const { resource } = new ReviewStorage();
    const isRefused = (error: unknown): boolean => isReason(error, "MethodNotAllowed");
    await assert.rejects(client.get(resource, "x"), isRefused);
    await assert.rejects(client.list(resource), isRefused);
    await assert.rejects(client.delete(resource, "x"), isRefused);
    await assert.rejects(client.patch(resource, "x", { type: "merge", body: {} }), isRefused);
    const pod = resourceOf("Pod", "pods");
    assert.equal((await client.get(pod, "default/web-1")).kind, "Pod");
    const watch = client.watch(resource, { signal: new AbortController().signal })[Symbol.asyncIterator]();
    await assert.rejects(watch.next(), isRefused);
    await assert.rejects(client.get(resourceOf("Ghost", "ghosts"), "x"), (error) => isReason(error, "NotFound"));
  });
});

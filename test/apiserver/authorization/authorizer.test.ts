import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isReason } from "../../../api/errors.ts";
import { configMaps, hasSubresource, instances, leases, type Resource, scheme, secrets } from "../../../api/scheme.ts";
import type { Lease } from "../../../api/types.generated.ts";
import { controllerIdentity, type Identity, nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { attributesOf } from "../../../apiserver/authorization/attributes.ts";
import { administrators } from "../../../apiserver/authorization/authorizer.ts";
import type { ControllerName } from "../../../apiserver/authorization/bootstrap-roles.ts";
import { defaultAuthorizer } from "../../../apiserver/authorization/default-authorizer.ts";
import type { Verb } from "../../../apiserver/registry/storage.ts";
import { Router } from "../../../apiserver/router.ts";
import { fakeRegistry } from "../fake-registry.ts";
import { instance, object, openDesk } from "../fixtures.ts";
import { localClients } from "../local-clients.ts";
import { TestServer } from "../test-server.ts";

const all: readonly Verb[] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
type Asked = [id: string, resource: Resource, subresource?: "status"];
const kinds = scheme.flatMap((resource): Asked[] => {
  const id = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
  return [
    [id, resource],
    ...(hasSubresource(resource, "status") ? [[`${id}/status`, resource, "status"] as Asked] : []),
  ];
});

const everywhere = (verbs: string): Record<string, string> =>
  Object.fromEntries(kinds.filter(([, , status]) => !status).map(([id]) => [id, verbs]));

/** Of every kind, what may be done with an Object `default/x`, or with the whole collection. */
async function may(user: Identity): Promise<Record<string, string>> {
  const { registry, store } = await openDesk();
  const authorizer = defaultAuthorizer(registry);
  const found: Record<string, string> = {};
  for (const [id, resource, subresource] of kinds) {
    const namespace = resource.namespaced ? "default" : undefined;
    const verbs = all.filter((verb) => {
      const ofCollection = ["list", "watch", "create", "deletecollection"].includes(verb);
      const name = ofCollection ? undefined : "x";
      return authorizer.allows(user, { kind: "resource", verb, resource, subresource, namespace, name });
    });
    if (verbs.length > 0) found[id] = verbs.join(" ");
  }
  await store.close();
  return found;
}

const controllers: Record<ControllerName, Record<string, string>> = {
  "shared-informers": everywhere("list watch"),
  process: {
    "processes.wctl.dev": "get",
    "processes.wctl.dev/status": "update",
    "instances.wctl.dev": "create patch delete",
    "controllerrevisions.apps": "create patch delete",
    configmaps: "get create",
    secrets: "get create",
  },
  "kept-content": { configmaps: "delete", secrets: "delete" },
  "garbage-collector": everywhere("get patch delete"),
  "home-collector": { "processes.wctl.dev": "list" },
  namespace: {
    ...everywhere("list delete"),
    namespaces: "list patch delete",
    "namespaces/status": "update",
  },
  "event-retention": { events: "list delete" },
  "clusterrole-aggregation": { "clusterroles.rbac.authorization.k8s.io": "patch" },
  "event-recorder": { events: "create patch" },
  "directory-source": { ...everywhere("get list watch create update patch delete"), "nodes/status": "update" },
  "git-source": {
    ...everywhere("list watch"),
    "gitsources.wctl.dev": "get list watch patch",
    "gitsources.wctl.dev/status": "update",
    secrets: "get list watch",
    configmaps: "get list watch",
  },
  "service-account": { serviceaccounts: "create" },
  "node-lifecycle": { "nodes/status": "update" },
  "instance-garbage-collector": { nodes: "list", "instances.wctl.dev": "patch" },
};

describe("what a part of the daemon may do", () => {
  for (const [name, expected] of Object.entries(controllers)) {
    it(`${name}: what its rules say, and nothing else`, async () => {
      const user = controllerIdentity(name);
      assert.equal(administrators.allows(user, { kind: "path", verb: "get", path: "/" }), false);
      assert.deepEqual(await may(user), expected);
    });
  }

  it("nobody else may do anything, but the administrator everything", async () => {
    assert.deepEqual(await may({ name: "jane", groups: ["developers", "system:authenticated"] }), {});
    assert.deepEqual(await may(controllerIdentity("unheard-of")), {});
    // The name alone makes nobody a node's agent, nor does the group.
    assert.deepEqual(await may({ name: "system:node:here", groups: ["system:authenticated"] }), {});
    assert.deepEqual(await may({ name: "here", groups: ["system:nodes"] }), {});
    const root = await may({ name: "root", groups: ["system:masters"] });
    assert.ok(kinds.every(([id]) => root[id] === all.join(" ")));
  });

  it("who scrapes reads the metrics, and nothing else", async () => {
    const prometheus: Identity = { name: "prometheus", groups: ["system:monitoring", "system:authenticated"] };
    assert.deepEqual(await may(prometheus), {});
    const { registry, store } = await openDesk();
    const authorizer = defaultAuthorizer(registry);
    const mayAsk = (user: Identity, verb: string, path: string): boolean =>
      authorizer.allows(user, { kind: "path", verb, path });
    assert.equal(mayAsk(prometheus, "get", "/metrics"), true);
    assert.equal(mayAsk({ ...prometheus, groups: ["system:authenticated"] }, "get", "/metrics"), false);
    for (const [verb, path] of [
      ["post", "/metrics"],
      ["get", "/secrets"],
      ["get", "/metrics/x"],
      ["post", "/backup"],
    ] as const)
      assert.equal(mayAsk(prometheus, verb, path), false, `${verb} ${path}`);
    await store.close();
  });

  it("is told in the words of the real server when it oversteps", async () => {
    const { registry, store } = await openDesk();
    const client = localClients(registry)(controllerIdentity("event-retention"));
    await assert.rejects(client.delete(secrets, "default/s"), {
      reason: "Forbidden",
      code: 403,
      message:
        'secrets "s" is forbidden: User "system:wctl:controller:event-retention" cannot delete resource "secrets" in API group "" in the namespace "default"',
    });
    await assert.rejects(
      client.watch(instances, { signal: new AbortController().signal })[Symbol.asyncIterator]().next(),
      /^StatusError: instances\.wctl\.dev is forbidden: User "[^"]+" cannot watch resource "instances" in API group "wctl\.dev" at the cluster scope$/,
    );
    await store.close();
  });
});

describe("what the agent of a node may do", () => {
  it("with Instances: it reads all, and writes those of its node", async () => {
    const { client, registry, store } = await openDesk();
    await client.create(instances, instance("web-0") as never);
    const [own, other] = ["here", "elsewhere"].map((name) => localClients(registry)(nodeIdentity(name)));
    const change = { type: "merge", body: { status: { message: "x" } } } as const;
    for (const reader of [own!, other!]) {
      assert.equal((await reader.list(instances)).items.length, 1);
      assert.equal((await reader.get(instances, "default/web-0")).metadata.name, "web-0");
      await assert.rejects(reader.delete(instances, "default/web-0"), isForbidden);
      await assert.rejects(reader.create(instances, instance("web-1") as never), isForbidden);
      // What is gone is not found, as ever.
      await assert.rejects(reader.patch(instances, "default/gone", change), { reason: "NotFound" });
    }
    await own!.patch(instances, "default/web-0", change, { subresource: "status" });
    await assert.rejects(other!.patch(instances, "default/web-0", change, { subresource: "status" }), isForbidden);
    await assert.rejects(other!.patch(instances, "default/web-0", change), isForbidden);
    await store.close();
  });

  it("with an Instance of its node: it says how it is and lets go of it, and changes nothing else", async () => {
    const { client, registry, store } = await openDesk();
    await client.create(instances, instance("web-0", { finalizers: ["example.com/keep"] }) as never);
    const agent = localClients(registry)(nodeIdentity("here"));
    const owner = { apiVersion: "v1", kind: "Node", name: "gone", uid: "x" };
    for (const metadata of [
      { labels: { "wctl.dev/process": "other" } },
      { annotations: { a: "b" } },
      { ownerReferences: [owner] },
      { finalizers: ["wctl.dev/stop"] },
      { finalizers: null },
      { finalizers: ["example.com/keep", "wctl.dev/stop", "example.com/more"] },
    ]) {
      const change = { type: "merge", body: { metadata } } as const;
      await assert.rejects(agent.patch(instances, "default/web-0", change), isForbidden, JSON.stringify(metadata));
      await assert.rejects(agent.patch(instances, "default/web-0", change, { dryRun: true }), isForbidden);
    }
    await client.delete(instances, "default/web-0");
    const letGo = { type: "merge", body: { metadata: { finalizers: ["example.com/keep"] } } } as const;
    const { metadata } = await agent.patch(instances, "default/web-0", letGo);
    assert.deepEqual(metadata.finalizers, ["example.com/keep"]);
    await store.close();
  });

  it("with what changed hands while the body was read: the version that is written over decides", async () => {
    const { client, registry, store } = await openDesk();
    const body = await client.create(instances, instance("web-0") as never);
    const context = { user: nodeIdentity("elsewhere") };
    const change = { type: "merge", body: { status: { message: "x" } } } as const;
    const resource = byPlural("instances");
    for (const subresource of [undefined, "status"]) {
      const how = { ...context, subresource };
      await assert.rejects(registry.patch(resource, "default/web-0", change, how), isForbidden);
      await assert.rejects(registry.update(resource, "default/web-0", body, how), isForbidden);
    }
    await store.close();
  });

  it("in the name of no node: nothing", async () => {
    assert.deepEqual(await may(nodeIdentity("")), {});
  });

  it("with Nodes: it makes itself, and says how it is", async () => {
    const { registry, store } = await openDesk();
    const agent = localClients(registry)(nodeIdentity("here"));
    const node = await agent.create(byPlural("nodes"), object("Node", "here") as never);
    await agent.updateStatus(byPlural("nodes"), node);
    await assert.rejects(agent.update(byPlural("nodes"), node), isForbidden);
    await assert.rejects(agent.get(byPlural("nodes"), "elsewhere"), isForbidden);
    await assert.rejects(agent.list(byPlural("nodes")), isForbidden);
    for (const metadata of [{ name: "elsewhere" }, { generateName: "here" }]) {
      const another = { apiVersion: "v1", kind: "Node", metadata } as never;
      for (const dryRun of [true, false])
        await assert.rejects(agent.create(byPlural("nodes"), another, { dryRun }), isForbidden);
    }
    await store.close();
  });

  it("with Leases: it holds the one of its node", async () => {
    const { registry, store } = await openDesk();
    const [own, other] = ["here", "elsewhere"].map((name) => localClients(registry)(nodeIdentity(name)));
    const lease = (namespace: string): Lease => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "here", namespace },
    });
    const change = { type: "merge", body: { spec: { leaseDurationSeconds: 40 } } } as const;
    await own!.create(leases, lease("kube-node-lease"));
    await own!.patch(leases, "kube-node-lease/here", change);
    await assert.rejects(own!.create(leases, lease("default")), isForbidden);
    await assert.rejects(other!.create(leases, lease("kube-node-lease")), isForbidden);
    const generated = { ...lease("kube-node-lease"), metadata: { generateName: "here", namespace: "kube-node-lease" } };
    await assert.rejects(own!.create(leases, generated as never), isForbidden);
    await assert.rejects(other!.delete(leases, "kube-node-lease/here"), isForbidden);
    await assert.rejects(other!.patch(leases, "kube-node-lease/here", change), isForbidden);
    await assert.rejects(other!.get(leases, "kube-node-lease/here"), isForbidden);
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "here", uid: "u" }];
    await own!.patch(leases, "kube-node-lease/here", { type: "merge", body: { metadata: { ownerReferences } } });
    await own!.delete(leases, "kube-node-lease/here");
    await store.close();
  });
});

describe("what the agent of a node may read", () => {
  const naming = (name: string, nodeName: string, secret: string): never => {
    const made = instance(name) as { spec: object };
    return { ...made, spec: { ...made.spec, nodeName, envFrom: [{ secretRef: { name: secret } }] } } as never;
  };
  const signal = AbortSignal.timeout(10_000);

  it("is each Secret that an Instance of its node names, as long as it does, and never a collection", async () => {
    const { client, registry, store } = await openDesk();
    for (const name of ["db", "db-2", "other"]) await client.create(secrets, object("Secret", name) as never);
    const agent = localClients(registry)(nodeIdentity("here"));
    const byName = { namespace: "default", fieldSelector: "metadata.name=db" };
    const refusals = async (): Promise<string[]> => {
      const refused: string[] = [];
      const tries: Record<string, () => Promise<unknown>> = {
        get: () => agent.get(secrets, "default/db"),
        list: () => agent.list(secrets, byName),
        watch: () => first(agent.watch(secrets, { ...byName, signal, resourceVersion: "1" })),
        all: () => agent.list(secrets),
        namespace: () => agent.list(secrets, { namespace: "default" }),
        "watch all": () => first(agent.watch(secrets, { signal, resourceVersion: "1" })),
        other: () => agent.get(secrets, "default/other"),
        longer: () => agent.get(secrets, "default/db-2"),
        "other namespace": () => agent.list(secrets, { ...byName, namespace: "shop" }),
        "other kind": () => agent.get(configMaps, "default/db"),
        write: () => agent.patch(secrets, "default/db", { type: "merge", body: {} }),
        remove: () => agent.delete(secrets, "default/db"),
      };
      for (const [what, attempt] of Object.entries(tries)) {
        await attempt().catch((error) => {
          if (!isForbidden(error)) throw error;
          refused.push(what);
        });
      }
      return refused;
    };
    const rest = [
      "all",
      "namespace",
      "watch all",
      "other",
      "longer",
      "other namespace",
      "other kind",
      "write",
      "remove",
    ];
    const everything = ["get", "list", "watch", ...rest];
    assert.deepEqual(await refusals(), everything);
    await client.create(instances, naming("elsewhere-0", "elsewhere", "db"));
    assert.deepEqual(await refusals(), everything);
    await client.create(instances, naming("web-0", "here", "db"));
    await client.create(instances, naming("web-1", "here", "db"));
    assert.deepEqual(await refusals(), rest);
    assert.deepEqual(
      (await agent.list(secrets, byName)).items.map(({ metadata }) => metadata.name),
      ["db"],
    );
    for (const name of ["web-0", "web-1"]) {
      assert.deepEqual(await refusals(), rest, "one of them still names it");
      await client.delete(instances, `default/${name}`);
      await agent.patch(instances, `default/${name}`, { type: "merge", body: { metadata: { finalizers: null } } });
    }
    assert.deepEqual(await refusals(), everything);
    await store.close();
  });
});

const first = (events: AsyncIterable<unknown>): Promise<unknown> => events[Symbol.asyncIterator]().next();

describe("an agent that asks over HTTP", () => {
  it("is decided about as one inside the daemon: it alone lets go of an Instance of its node", async () => {
    const server = await TestServer.start();
    const path = "/apis/wctl.dev/v1/namespaces/default/instances";
    const as = (node: string, patch = false) => ({
      as: "nobody" as const,
      headers: {
        authorization: `Bearer ${node}-token`,
        ...(patch ? { "content-type": "application/merge-patch+json" } : {}),
      },
    });
    try {
      await server.ask("POST", path, { body: instance("web-0") });
      await server.ask("DELETE", `${path}/web-0`);
      const body = { metadata: { finalizers: null } };
      const refused = await server.ask("PATCH", `${path}/web-0`, { ...as("elsewhere", true), body });
      assert.deepEqual(
        [refused.code, refused.json.message],
        [
          403,
          'instances.wctl.dev "web-0" is forbidden: User "system:node:elsewhere" cannot patch resource "instances" in API group "wctl.dev" in the namespace "default"',
        ],
      );
      const secret = "/api/v1/namespaces/default/secrets";
      assert.equal((await server.ask("GET", `${secret}?fieldSelector=metadata.name%3Ddb`, as("here"))).code, 403);
      assert.equal((await server.ask("PATCH", `${path}/web-0`, { ...as("here", true), body })).code, 200);
      assert.equal((await server.ask("GET", `${path}/web-0`)).code, 404);
    } finally {
      await server.stop();
    }
  });
});

describe("a collection that a field selector narrows", () => {
  const unserved = { list: () => assert.fail(), watch: () => assert.fail() };
  const router = new Router(fakeRegistry(unserved).storages);
  const narrowed = (query: string): unknown => {
    const parsed = attributesOf(router.parse("GET", `/api/v1/namespaces/default/secrets?${query}`));
    return parsed.kind === "resource" ? [parsed.verb, parsed.name, parsed.nodeName] : undefined;
  };
  const cases: [query: string, verb: string, name?: string, nodeName?: string][] = [
    ["", "list"],
    ["fieldSelector=metadata.name%3Ddb", "list", "db"],
    ["watch=1&fieldSelector=metadata.name%3D%3Ddb", "watch", "db"],
    ["fieldSelector=metadata.name%3Ddb,spec.nodeName%3Dhere", "list", "db", "here"],
    ["fieldSelector=metadata.name!%3Ddb", "list"],
    ["fieldSelector=metadata.name%3D", "list"],
    ["fieldSelector=a%5Cb,,%3D", "list"],
  ];
  for (const [query, ...expected] of cases) {
    it(`is decided about as what is left of it: ${query || "all"}`, () => {
      assert.deepEqual(narrowed(query), [expected[0], expected[1], expected[2]]);
    });
  }
});

const byPlural = (plural: string): Resource => scheme.find((one) => one.plural === plural)!;
const isForbidden = (error: unknown): boolean => isReason(error, "Forbidden");

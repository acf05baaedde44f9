/**
 * What k9s and Headlamp ask for when they begin, by their sources (k9s `internal/client`, `internal/dao/registry.go`, `internal/watch`; Headlamp
 * `frontend/src/lib/k8s`, `backend/cmd/multiplexer.go`): neither program can be installed here.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HttpClient } from "../../api/http/http-client.ts";
import { DaemonUnderTest } from "../e2e/daemon-under-test.ts";

// biome-ignore lint/suspicious/noExplicitAny: any field is looked at
type Any = any;

interface Question {
  path: string;
  accept?: string;
  /** What is posted. */
  body?: object;
  /** The answer, when it is JSON; else its text. */
  answered: (answer: Any) => void;
}

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io, application/json";
const AGGREGATED =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

const listOf =
  (kind: string, least = 1) =>
  (answer: Any) => {
    assert.equal(answer.kind, `${kind}List`);
    assert.match(answer.metadata.resourceVersion ?? "", /^\d*$/); // Measurements have none.
    assert.ok(answer.items.length >= least);
  };
const mayI = (verb: string, group: string, resource: string, namespace = ""): Question => ({
  path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  body: {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    metadata: {},
    spec: { resourceAttributes: { verb, group, resource, namespace } },
    status: { allowed: false },
  },
  answered: ({ status }) => assert.equal(status.allowed, true),
});
const rowsWith = (kind: string) => (answer: Any) => {
  assert.equal(answer.kind, "Table");
  assert.ok(answer.rows.length > 0);
  for (const { cells, object } of answer.rows) {
    assert.equal(cells.length, answer.columnDefinitions.length);
    assert.deepEqual([object.kind, object.metadata.namespace], [kind, "default"]);
    assert.ok(object.spec, "the whole object");
  }
};
const definitions: Question = {
  path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=500&resourceVersion=0",
  answered: ({ items }) => {
    const process = items.find(({ spec }: Any) => spec.names.kind === "Process");
    assert.equal(process.spec.versions[0].subresources.scale.specReplicasPath, ".spec.replicas");
  },
};
const nodes: Question = {
  path: "/api/v1/nodes?limit=500&resourceVersion=0",
  answered: ({ items: [{ status }] }) => {
    for (const amount of ["cpu", "memory"]) assert.ok(status.allocatable[amount] && status.capacity[amount]);
    assert.match(status.nodeInfo.kubeletVersion, /^v1\./);
  },
};
const nodeMetrics: Question = {
  path: "/apis/metrics.k8s.io/v1beta1/nodes",
  answered: (answer) => {
    listOf("NodeMetrics")(answer);
    assert.ok(answer.items[0].usage.cpu && answer.items[0].usage.memory);
  },
};
const version: Question = { path: "/version", answered: ({ gitVersion }) => assert.match(gitVersion, /^v1\.\d+\.\d/) };

const k9s: Question[] = [
  version,
  {
    path: "/apis",
    accept: AGGREGATED,
    answered: ({ kind, items }) => {
      assert.equal(kind, "APIGroupDiscoveryList");
      const metrics = items.find(({ metadata }: Any) => metadata.name === "metrics.k8s.io");
      assert.ok(metrics.versions.some((one: Any) => one.version === "v1beta1"));
    },
  },
  { path: "/api", accept: AGGREGATED, answered: ({ items }) => assert.equal(items[0].versions[0].version, "v1") },
  ...["list", "watch"].flatMap((verb) => [
    mayI(verb, "", "namespaces"),
    mayI(verb, "", "pods"),
    mayI(verb, "apiextensions.k8s.io", "customresourcedefinitions"),
    mayI(verb, "metrics.k8s.io", "pods"),
  ]),
  { path: "/api/v1/namespaces", answered: listOf("Namespace") },
  definitions,
  nodes,
  nodeMetrics,
  { path: "/apis/metrics.k8s.io/v1beta1/pods", answered: listOf("PodMetrics", 0) },
  { path: "/api/v1/pods?limit=500&resourceVersion=0", answered: listOf("Pod") },
  { path: "/api/v1/namespaces/default/pods?includeObject=Object", accept: TABLE, answered: rowsWith("Pod") },
  { path: "/apis/wctl.dev/v1/processes?includeObject=Object", accept: TABLE, answered: rowsWith("Process") },
];

const headlamp: Question[] = [
  version,
  { path: "/healthz", answered: (text) => assert.equal(text, "ok") },
  ...["/api", "/apis"].map((path) => ({
    path,
    accept: "application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList",
    answered: ({ items }: Any) => {
      const resources = items.flatMap(({ versions }: Any) => versions[0].resources);
      assert.ok(resources.some(({ verbs, responseKind }: Any) => verbs.includes("list") && responseKind.kind));
    },
  })),
  {
    path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    body: { spec: { namespace: "default" } }, // As it sends it: the path says what it is.
    answered: ({ status }) => assert.ok(status.resourceRules.length > 0),
  },
  {
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    answered: ({ status }) => assert.equal(status.userInfo.username, "wctl-admin"),
  },
  { path: "/api/v1/events?limit=1000", answered: listOf("Event") },
  { path: "/api/v1/services", answered: listOf("Service", 0) },
  { path: "/api/v1/pods", answered: listOf("Pod") },
  definitions,
  nodes,
  nodeMetrics,
  {
    path: "/openapi/v2",
    answered: ({ definitions }) => {
      const kinds = Object.values<Any>(definitions).flatMap((one) => one["x-kubernetes-group-version-kind"] ?? []);
      for (const kind of ["Process", "Pod", "ConfigMap"]) assert.ok(kinds.some((one) => one.kind === kind));
    },
  },
  mayI("delete", "wctl.dev", "processes", "default"),
];

/** Kinds of Kubernetes that both show when they are there. k9s goes by discovery; Headlamp says on their page that there are none. */
const absent = [
  "/apis/apps/v1/deployments",
  "/apis/apps/v1/statefulsets",
  "/apis/batch/v1/jobs",
  "/apis/networking.k8s.io/v1/ingresses",
  "/apis/apiregistration.k8s.io/v1/apiservices",
  "/api/v1/persistentvolumes",
  "/api/v1/replicationcontrollers",
  "/apis/storage.k8s.io/v1/storageclasses",
];

describe("dashboards", () => {
  let daemon: DaemonUnderTest;
  let client: HttpClient;
  before(async () => {
    daemon = await DaemonUnderTest.start();
    await daemon.apply(`apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web}
spec: {command: /bin/sleep, args: ["100000"]}
`);
    await daemon.ok("wait", "--for=condition=Ready", "process/web");
    client = await daemon.client();
  });
  after(async () => {
    client.close();
    await daemon.dispose();
  });

  const ask = async ({ path, accept, body, answered }: Question): Promise<void> => {
    const request = { ...(accept ? { accept } : {}), ...(body ? { body: { ...body } } : {}) };
    const text = await client.raw(body ? "POST" : "GET", path, request);
    answered(/^[[{]/.test(text) ? JSON.parse(text) : text);
  };
  for (const [name, questions] of Object.entries({ k9s, Headlamp: headlamp }))
    it(`as ${name} find what they ask for`, async () => {
      for (const question of questions) {
        await ask(question).catch((cause) => {
          throw new Error(`${name} asks ${question.path}: ${cause.message}`, { cause });
        });
      }
    });

  it("are told that kinds which are not here are not, as by a server without their group", async () => {
    for (const path of absent) {
      const refused = client.raw("GET", path);
      await assert.rejects(refused, { code: 404, reason: "NotFound" }, path);
    }
  });
});

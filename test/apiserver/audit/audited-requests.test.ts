/** What of the requests is written down, and that nothing is done that could not be. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { accessReviews } from "../../../apiserver/views/reviews/access-reviews.ts";
import { selfSubjectReview } from "../../../apiserver/views/reviews/subject-reviews.ts";
import { eventually } from "../../eventually.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever was written
let events: any[] = [];
let isFull = false;
let server: TestServer;
before(async () => {
  const record = async (event: object): Promise<void> => {
    if (isFull) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    events.push(JSON.parse(JSON.stringify(event)));
  };
  server = await TestServer.start({
    audit: { record },
    views: () => [selfSubjectReview(), ...accessReviews(() => assert.fail())],
  });
});
after(() => server.stop());
beforeEach(() => {
  events = [];
  isFull = false;
});

const secrets = "/api/v1/namespaces/default/secrets";
const canary = "c4nary-0f-the-test";

describe("a request that changes something", () => {
  it("is written down before, with who and what, and afterwards with its code", async () => {
    await server.ask("POST", processesPath, { body: processManifest("web"), headers: { "user-agent": "test/1" } });
    const [begun, ended] = await eventually(
      () => (events.length === 2 ? events : undefined),
      "begun and ended are written down",
    );
    const { auditID, requestReceivedTimestamp, stageTimestamp, ...rest } = begun;
    assert.deepEqual(rest, {
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: "Metadata",
      stage: "RequestReceived",
      requestURI: processesPath,
      verb: "create",
      user: { username: "wctl-admin", groups: ["system:masters", "system:authenticated"] },
      sourceIPs: ["127.0.0.1"],
      userAgent: "test/1",
      objectRef: { resource: "processes", namespace: "default", apiGroup: "wctl.dev", apiVersion: "v1" },
      annotations: { "authorization.k8s.io/decision": "allow" },
    });
    assert.ok(Date.parse(requestReceivedTimestamp) <= Date.parse(stageTimestamp));
    assert.deepEqual([ended.auditID, ended.stage, ended.responseStatus.code], [auditID, "ResponseComplete", 201]);
    assert.equal(ended.objectRef.name, "web", "the name was in the body");
  });

  it("has ended in the log before its answer is told, with the name that was made for it", async () => {
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "made-" } };
    const { json } = await server.ask("POST", "/api/v1/namespaces/default/configmaps", { body });
    assert.deepEqual(
      events.map(({ stage, objectRef }) => [stage, objectRef.name]),
      [
        ["RequestReceived", undefined],
        ["ResponseComplete", json.metadata.name],
      ],
    );
  });

  it("is told from a rehearsal, however that is asked for", async () => {
    const dryRun = { dryRun: ["All"] };
    await server.ask("PUT", `${processesPath}/web?dryRun=All`, { body: processManifest("web") });
    await server.ask("DELETE", `${processesPath}/web?dryRun=All`);
    await server.ask("DELETE", `${processesPath}/web`, {
      body: { kind: "DeleteOptions", apiVersion: "v1", ...dryRun },
    });
    await server.ask("POST", "/secretkeys/rotate?dryRun=All");
    await server.ask("PUT", `${processesPath}/web?dryRun=maybe`, { body: processManifest("web") });
    const ended = events.filter(({ stage }) => stage === "ResponseComplete");
    assert.deepEqual(
      ended.map(({ annotations }) => annotations["wctl.dev/dry-run"]),
      ["true", "true", "true", "true", undefined],
    );
  });

  it("is not what only asks: a review changes nothing", async () => {
    for (const [group, kind] of [
      ["authorization.k8s.io", "SelfSubjectAccessReview"],
      ["authentication.k8s.io", "SelfSubjectReview"],
    ]) {
      const body = { apiVersion: `${group}/v1`, kind, spec: { resourceAttributes: { verb: "get", resource: "pods" } } };
      const asked = await server.ask("POST", `/apis/${group}/v1/${kind!.toLowerCase()}s`, { body });
      assert.equal(asked.code, 201, asked.text);
    }
    assert.deepEqual(events, []);
  });

  it("is written down also when it fails, and names both when somebody acts for another", async () => {
    await server.ask("DELETE", `${processesPath}/ghost`);
    await eventually(
      () => (events.some(({ responseStatus }) => responseStatus?.code === 404) ? true : undefined),
      "the failure is written down",
    );
    events = [];
    await server.ask("DELETE", `${processesPath}/web`, { headers: { "Impersonate-User": "bob" } });
    assert.deepEqual(
      events.map(({ verb, user, impersonatedUser, responseStatus, annotations }) => [
        verb,
        user.username,
        impersonatedUser.username,
        responseStatus.code,
        Object.values(annotations),
      ]),
      [["delete", "wctl-admin", "bob", 403, ["forbid"]]],
    );
  });

  it("says for whom a certificate was made, and no other word of the query", async () => {
    await server.ask("POST", `/kubeconfigs?user=bob&group=team&group=ops&ttl=601s&x=${canary}`);
    await eventually(() => (events.length === 2 ? true : undefined), "begun and ended are written down");
    for (const { requestURI, annotations } of events)
      assert.deepEqual(
        [requestURI, annotations["wctl.dev/certificate-user"], annotations["wctl.dev/certificate-groups"]],
        ["/kubeconfigs", "bob", "team,ops"],
      );
    assert.ok(!JSON.stringify(events).includes(canary));
  });

  it("leaves no value, no query and no credential behind", async () => {
    const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { key: canary } };
    await server.ask("POST", `${secrets}?fieldManager=${canary}`, { body });
    await server.ask("PATCH", `${secrets}/s`, {
      body: { stringData: { key: canary } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    await server.ask("DELETE", `${secrets}/s`, { as: "jane", headers: { cookie: canary } });
    await eventually(() => (events.length === 5 ? true : undefined), "all are written down");
    const text = JSON.stringify(events);
    for (const word of [canary, Buffer.from(canary).toString("base64"), "jane-token"])
      assert.ok(!text.includes(word), word);
  });
});

describe("who reads Secrets", () => {
  const lines = () =>
    events.map(({ verb, stage, objectRef, responseStatus }) => [verb, stage, objectRef.name, responseStatus?.code]);

  it("is written down before he is answered, in whatever shape and whether there are any; who reads anything else is not", async () => {
    const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "read" }, stringData: { key: canary } };
    await server.ask("POST", secrets, { body });
    events = [];
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    await server.ask("GET", `${secrets}/read`, { headers: { accept, cookie: canary } });
    await server.ask("GET", `${secrets}/ghost?x=${canary}`);
    await server.ask("GET", `${secrets}?labelSelector=a%3D${canary}`);
    await server.ask("GET", "/api/v1/secrets?limit=1");
    const watch = await server.open("GET", `${secrets}?watch=1`);
    watch.destroy();
    assert.deepEqual(lines(), [
      ["get", "ResponseComplete", "read", 200],
      ["get", "ResponseComplete", "ghost", 404],
      ["list", "ResponseComplete", undefined, 200],
      ["list", "ResponseComplete", undefined, 200],
      ["watch", "RequestReceived", undefined, undefined],
    ]);
    const text = JSON.stringify(events);
    for (const word of [canary, Buffer.from(canary).toString("base64")]) assert.ok(!text.includes(word), word);
    events = [];
    for (const path of [processesPath, "/api/v1/configmaps", "/api/v1/pods", "/api"]) await server.ask("GET", path);
    assert.deepEqual(events, []);
  });

  it("is shown none while that can't be written down", async () => {
    const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "unseen" } };
    await server.ask("POST", secrets, { body });
    isFull = true;
    for (const path of ["/api/v1/namespaces/other/secrets", `${secrets}/unseen`, "/api/v1/secrets?watch=1"]) {
      const { code, json } = await server.ask("GET", path);
      assert.deepEqual([code, json.reason, "items" in json], [503, "ServiceUnavailable", false], path);
      assert.match(json.message, /the audit log can't be written, so no Secret is shown: ENOSPC/);
    }
  });
});

describe("a refusal", () => {
  it("is written down before it is told", async () => {
    await server.ask("GET", `${secrets}/s`, { as: "jane" });
    await server.ask("GET", "/metrics", { as: "jane" });
    const headers = { "Impersonate-User": "root", "Impersonate-Group": "system:masters" };
    await server.ask("GET", secrets, { as: "jane", headers });
    assert.deepEqual(events.at(-1).impersonatedUser, {
      username: "root",
      groups: ["system:masters", "system:authenticated"],
    });
    assert.deepEqual(
      events.map(({ verb, requestURI, user, responseStatus }) => [
        verb,
        requestURI,
        user.username,
        responseStatus.code,
      ]),
      [
        ["get", `${secrets}/s`, "jane", 403],
        ["get", "/metrics", "jane", 403],
        ["impersonate", secrets, "jane", 403],
      ],
    );
  });
});

describe("a stranger", () => {
  it("is written down with where he comes from and what he tried, and never with what he sent", async () => {
    const token = `Bearer ${canary}`;
    await server.ask("GET", `${secrets}?x=${canary}`, { as: "nobody" });
    await server.ask("POST", secrets, { as: "nobody", headers: { authorization: token }, body: {} });
    await server.ask("GET", "/healthz", { as: "nobody" });
    assert.deepEqual(
      events.map(({ verb, requestURI, user, sourceIPs, responseStatus, annotations }) => [
        verb,
        requestURI,
        user,
        sourceIPs,
        responseStatus,
        Object.values(annotations),
      ]),
      [
        [
          "get",
          secrets,
          {},
          ["127.0.0.1"],
          { metadata: {}, message: "Authentication failed, no credentials provided", code: 401 },
          ["forbid"],
        ],
        [
          "post",
          secrets,
          {},
          ["127.0.0.1"],
          { metadata: {}, message: "Authentication failed, attempted: bearer", code: 401 },
          ["forbid"],
        ],
      ],
    );
    assert.ok(!JSON.stringify(events).includes(canary));
  });

  it("learns nothing of a disk that is full", async () => {
    isFull = true;
    assert.equal((await server.ask("GET", secrets, { as: "nobody" })).code, 401);
  });
});

describe("what somebody without rights asks", () => {
  it("makes no long lines, and not more than he may ask", async () => {
    const long = "x".repeat(12_000);
    assert.equal((await server.ask("GET", `${secrets}/${long}`, { as: "jane" })).code, 403);
    assert.ok(JSON.stringify(events[0]).length < 5_000);
    const limits = { requestsPerSecond: 0.001, requestBurst: 2 };
    const slow = await TestServer.start({ limits, audit: { record: async (event) => void events.push(event) } });
    try {
      events = [];
      const codes: number[] = [];
      for (const path of [secrets, "/healthz", secrets, "/healthz"])
        codes.push((await slow.ask("GET", path, { as: "jane", headers: { "Impersonate-User": "root" } })).code);
      assert.deepEqual([codes, events.length], [[403, 403, 429, 429], 2]);
    } finally {
      await slow.stop();
    }
  });
});

describe("an audit log that can't be written", () => {
  it("makes the API read-only: nothing is changed, and nothing forgotten", async () => {
    isFull = true;
    for (const [method, path, body] of [
      ["POST", processesPath, processManifest("lost")],
      ["DELETE", `${processesPath}/web`, undefined],
      ["POST", "/backup", undefined],
    ] as const) {
      const { code, json } = await server.ask(method, path, body === undefined ? {} : { body });
      assert.deepEqual([code, json.reason], [503, "ServiceUnavailable"], path);
      assert.match(json.message, /the audit log can't be written, so nothing is changed: ENOSPC/);
    }
    assert.equal((await server.ask("GET", `${processesPath}/lost`)).code, 404);
    assert.equal((await server.ask("GET", `${processesPath}/web`)).code, 200);
    assert.equal(
      (await server.ask("GET", secrets, { as: "jane" })).code,
      503,
      "nor is a refusal told that nobody will know of",
    );
    isFull = false;
    assert.equal((await server.ask("POST", processesPath, { body: processManifest("found") })).code, 201);
  });
});

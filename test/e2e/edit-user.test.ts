/**
 * Eve may edit namespace `a`, and wants what is elsewhere, or root's. Nothing outside of `a` may have changed in the end, and no answer may tell her what is there.
 */
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Answer, Asking, type Question } from "./asking.ts";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";
import { CANARY, elsewhere, given, manifest, map, processes, rbac, served } from "./edit-user-scene.ts";
import { verbInProcess } from "./verb-in-process.ts";

const whoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
let daemon: DaemonUnderTest;
let eve: Asking;
let admin: Asking;
let kubeconfig: string;
let untouched: string[];
before(async () => {
  daemon = await DaemonUnderTest.start();
  for (const name of ["a", "b"]) await daemon.ok("create", "namespace", name);
  await daemon.apply(given);
  kubeconfig = join(daemon.dir, "eve.kubeconfig");
  writeFileSync(kubeconfig, await daemon.ok("kubeconfig", "create", "--user=eve"));
  chmodSync(kubeconfig, 0o600);
  eve = await Asking.as(kubeconfig);
  admin = await Asking.as(daemon.kubeconfig);
  for (const [name, namespace] of [
    ["s", "b"],
    ["roots", "a"],
  ] as const)
    await eventually(`process ${name} to be seen as running`, async () => {
      const { metadata, status } = await daemon.json("process", name, "-n", namespace);
      return status?.readyReplicas === 1 && status.observedGeneration === metadata.generation;
    });
  untouched = await elsewhere(admin);
});
after(async () => {
  eve.close();
  admin.close();
  await daemon.dispose();
});

const merge = { "content-type": "application/merge-patch+json" };
const kindsOfAnswer = [
  {},
  { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
  { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" },
  { accept: "application/vnd.kubernetes.protobuf" },
];
const selections = [
  "",
  "?limit=1&resourceVersion=0",
  "?fieldSelector=metadata.name%3Ds",
  "?fieldSelector=metadata.namespace%3Da",
  "?labelSelector=word",
  "?watch=1&timeoutSeconds=1",
  "?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
];

/** Refused, and nothing told. What names an Object says the same of one that is there and of one that is not. */
function assertRefused(answer: Answer, what: string): void {
  assert.ok([403, 405].includes(answer.code), `${what}: ${answer.code} ${answer.text}`);
  assert.ok(!answer.text.includes(CANARY) && !answer.text.includes(Buffer.from(CANARY).toString("base64")), what);
}

describe("who may edit one namespace", () => {
  it("reads and writes in it", async () => {
    assert.equal((await eve.ask("GET", "/api/v1/namespaces/a/secrets")).code, 200);
    assert.equal((await eve.ask("POST", processes("a"), { body: manifest("hers", {}) })).code, 201);
    assert.equal((await eve.ask("GET", "/apis/wctl.dev/v1/namespaces/a/instances/roots-0/log")).code, 200);
  });

  it("reads nothing elsewhere, however it asks, and does not learn what is there", async () => {
    let asked = 0;
    for (const { root, plural, subresource, namespaced } of await served(eve)) {
      if (plural.startsWith("selfsubject")) continue; // What she may, and who she is.
      const places = namespaced ? [`${root}/namespaces/b/${plural}`, `${root}/${plural}`] : [`${root}/${plural}`];
      for (const place of places) {
        for (const selection of subresource === undefined ? selections : []) {
          const headers = kindsOfAnswer[asked % kindsOfAnswer.length]!;
          assertRefused(
            await eve.ask("GET", place + selection, { headers, isHttp2: asked++ % 2 === 0 }),
            place + selection,
          );
        }
        if (namespaced && place === places[1]) continue;
        const [there, not] = ["s", "s-0", "none"].map(
          (name) => `${place}/${name}${subresource ? `/${subresource}` : ""}`,
        );
        const answers = [await eve.ask("GET", there!), await eve.ask("GET", not!, { isHttp2: true })];
        for (const answer of answers) assertRefused(answer, there!);
        assert.equal(answers[1]!.text, answers[0]!.text.replaceAll('"s\\"', '"s-0\\"').replaceAll('"s"', '"s-0"'));
        asked += 2;
      }
    }
    assert.ok(asked > 200, `${asked} questions`);
  });

  it("writes nothing elsewhere, and starts nothing beside it", async () => {
    for (const { root, plural, subresource, namespaced } of await served(eve)) {
      if (plural.startsWith("selfsubject")) continue;
      const place = namespaced ? `${root}/namespaces/b/${plural}` : `${root}/${plural}`;
      const item = `${place}/s${subresource ? `/${subresource}` : ""}`;
      const body = { metadata: { name: "s", ...(namespaced && { namespace: "b" }) } };
      const writes: [method: string, path: string, question: Question][] = [
        ["PUT", item, { body }],
        ["PATCH", item, { body, headers: merge }],
        [
          "PATCH",
          `${item}?fieldManager=eve&force=true`,
          { body, headers: { "content-type": "application/apply-patch+yaml" } },
        ],
        ["POST", subresource ? item : place, { body }],
        ["DELETE", item, {}],
        ["DELETE", place, {}],
      ];
      for (const [method, path, question] of writes)
        assertRefused(await eve.ask(method, path, question), `${method} ${path}`);
    }
  });

  it("finds no door beside the roles", async () => {
    for (const path of [
      "/metrics",
      "/logs/",
      "/debug/pprof",
      "/backup",
      "/secretkeys/rotate",
      "/kubeconfigs?user=root&group=system:masters",
    ])
      for (const method of ["GET", "POST"]) assertRefused(await eve.ask(method, path), path);
    for (const path of [
      "/api/v1/namespaces/a/../b/secrets/s",
      "/api/v1/namespaces/a/%2e%2e/b/secrets/s",
      "/api/v1/namespaces/a/secrets/..%2f..%2fb%2fsecrets%2fs",
      "//api/v1/namespaces/b/secrets/s",
      "/api/v1/namespaces/a%00/secrets",
    ])
      assert.equal((await eve.ask("GET", path)).code, 400, path);
    const mixed = await eve.ask(
      "GET",
      "/api/v1/namespaces/a/configmaps?namespace=b&fieldSelector=metadata.namespace%3Db",
    );
    assert.deepEqual(mixed.json.items, []);
  });

  it("becomes nobody but the ServiceAccounts of it", async () => {
    const asWhom = (headers: Record<string, string>) => eve.ask("POST", whoAmI, { body: {}, headers });
    const own = { "impersonate-user": "system:serviceaccount:a:default" };
    assert.equal((await asWhom(own)).json.status.userInfo.username, own["impersonate-user"]);
    for (const headers of [
      { "impersonate-user": "wctl-admin" },
      { "impersonate-user": "eve" },
      { "impersonate-user": "system:serviceaccount:b:default" },
      { "impersonate-user": "system:serviceaccount:a:b:default" },
      { "impersonate-user": "system:wctl:controller:process" },
      { "impersonate-user": "system:node:here", "impersonate-group": "system:nodes" },
      { ...own, "impersonate-group": "system:masters" },
      { ...own, "impersonate-group": "system:serviceaccounts:b" },
      { ...own, "impersonate-uid": "0" },
      { ...own, "impersonate-extra-scopes": "all" },
    ])
      assertRefused(await asWhom(headers), JSON.stringify(headers));
    assertRefused(await eve.ask("POST", "/api/v1/namespaces/b/serviceaccounts/default/token", { body: {} }), "a token");
    const token = await eve.ask("POST", "/api/v1/namespaces/a/serviceaccounts/default/token", { body: { spec: {} } });
    const robot = { authorization: `Bearer ${token.json.status.token}` };
    assertRefused(await eve.ask("GET", "/api/v1/namespaces/b/secrets", { headers: { ...robot, ...own } }), "a chain");
  });

  it("grants nothing", async () => {
    const subjects = [{ kind: "User", name: "eve" }];
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "eves" } };
    const labels = { "rbac.authorization.k8s.io/aggregate-to-edit": "true" };
    const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
    for (const [path, body] of [
      ["clusterroles", { ...role, rules, metadata: { name: "eves", labels } }],
      ["namespaces/a/roles", { ...role, kind: "Role", rules }],
      [
        "clusterrolebindings",
        { ...role, kind: "ClusterRoleBinding", subjects, roleRef: { kind: "ClusterRole", name: "cluster-admin" } },
      ],
      [
        "namespaces/a/rolebindings",
        { ...role, kind: "RoleBinding", subjects, roleRef: { kind: "ClusterRole", name: "admin" } },
      ],
    ] as const)
      assertRefused(await eve.ask("POST", `${rbac}/${path}`, { body }), path);
    assertRefused(await eve.ask("PATCH", `${rbac}/clusterroles/edit`, { body: { rules }, headers: merge }), "edit");
  });

  it("runs nothing as an account that she was not given, through no door", async () => {
    const roots = `${processes("a")}/roots`;
    const evil = { spec: { command: "/bin/evil" } };
    const refused: [method: string, path: string, question: Question][] = [
      ["POST", processes("a"), { body: manifest("up", { runAs: { account: "root" } }) }],
      ["POST", processes("a"), { body: manifest("up", { runAs: {} }) }],
      ["POST", `${processes("a")}?dryRun=All`, { body: manifest("up", { runAs: { account: "ROOT" } }) }],
      ["POST", processes("a"), { body: manifest("up", { runAs: { session: "Console" } }) }],
      ["POST", processes("a"), { body: manifest("up", { resources: { priorityClass: "High" } }) }],
      ["PUT", roots, { body: { ...manifest("roots", {}), metadata: (await eve.ask("GET", roots)).json.metadata } }],
      ["PATCH", roots, { body: evil, headers: merge }],
      ["PATCH", roots, { body: { spec: { runAs: { account: "Dynamic" }, ...evil.spec } }, headers: merge }],
      [
        "PATCH",
        roots,
        {
          body: [{ op: "add", path: "/spec/args", value: ["x"] }],
          headers: { "content-type": "application/json-patch+json" },
        },
      ],
      [
        "PATCH",
        `${roots}?fieldManager=wctl&force=true`,
        { body: manifest("roots", {}), headers: { "content-type": "application/apply-patch+yaml" } },
      ],
      [
        "PATCH",
        `${processes("a")}/new?fieldManager=eve`,
        {
          body: manifest("new", { runAs: { account: "root" } }),
          headers: { "content-type": "application/apply-patch+yaml" },
        },
      ],
      [
        "PATCH",
        "/api/v1/namespaces/a/configmaps/of-roots",
        { body: { data: { LD_PRELOAD: "/tmp/evil.so" } }, headers: merge },
      ],
      ["POST", "/apis/apps/v1/namespaces/a/controllerrevisions", { body: {} }],
      [
        "PATCH",
        "/apis/wctl.dev/v1/namespaces/a/instances/roots-0",
        { body: { metadata: { finalizers: [] } }, headers: merge },
      ],
      ["PATCH", `${roots}/status`, { body: { status: { phase: "Failed" } }, headers: merge }],
    ];
    for (const [method, path, question] of refused)
      assertRefused(await eve.ask(method, path, question), `${method} ${path}`);
    const scaled = await eve.ask("PATCH", `${roots}/scale`, {
      body: { ...evil, spec: { ...evil.spec, replicas: 1 } },
      headers: merge,
    });
    assert.equal(scaled.code, 200, "to scale needs no account, and says nothing else");
  });

  it("runs no command as such an account", async () => {
    const sockets: [method: string, path: string, headers: Record<string, string>][] = [
      ["POST", "/apis/wctl.dev/v1/namespaces/a/instances/roots-0/exec?command=id", { upgrade: "exec.wctl.dev" }],
      [
        "POST",
        "/api/v1/namespaces/a/pods/roots-0/exec?command=id&stdout=1",
        { upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" },
      ],
      [
        "GET",
        "/api/v1/namespaces/a/pods/roots-0/exec?command=id&stdout=1",
        {
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "MDEyMzQ1Njc4OWFiY2RlZg==",
          "sec-websocket-protocol": "v5.channel.k8s.io",
        },
      ],
    ];
    for (const [method, path, headers] of sockets) {
      const answer = await eve.ask(method, path, { headers: { connection: "Upgrade", ...headers } });
      assertRefused(answer, path);
      assert.match(
        answer.json.message,
        /^(pods|instances\.wctl\.dev) "roots-0" is forbidden: .*cannot use resource "accounts" "default"/,
      );
    }
  });

  it("holds up nothing elsewhere by what depends on it, and tells nothing of it", async () => {
    const { uid } = (await admin.ask("POST", "/api/v1/namespaces/b/configmaps", { body: map("owner") })).json.metadata;
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, blockOwnerDeletion: true };
    const metadata = { name: "leech", finalizers: ["example.com/held"], ownerReferences: [owner] };
    const leech = await eve.ask("POST", "/api/v1/namespaces/a/configmaps", { body: { ...map("leech"), metadata } });
    assert.equal(leech.code, 201, leech.text);
    const namespace = (await eve.ask("GET", "/api/v1/namespaces/a")).json.metadata;
    const wide = { apiVersion: "v1", kind: "Namespace", name: "a", uid: namespace.uid, blockOwnerDeletion: true };
    const held = { ...map("wide"), metadata: { name: "wide", ownerReferences: [wide] } };
    assertRefused(await eve.ask("POST", "/api/v1/namespaces/a/configmaps", { body: held }), "to hold up a namespace");
    await admin.ask("DELETE", "/api/v1/namespaces/b/configmaps/owner?propagationPolicy=Foreground");
    await eventually(
      "the owner to go",
      async () => (await admin.ask("GET", "/api/v1/namespaces/b/configmaps/owner")).code === 404,
    );
    const told = (about: object) => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { generateName: "e" },
      involvedObject: about,
    });
    for (const about of [
      { kind: "Node", name: "here" },
      { kind: "Process", name: "s", namespace: "b" },
    ])
      assert.equal((await eve.ask("POST", "/api/v1/namespaces/a/events", { body: told(about) })).code, 422);
  });

  it("is told no by wctl too", async () => {
    for (const words of [
      "get secrets -A",
      "get processes,instances,pods,events,homes -n b",
      "describe process s -n b",
      "logs process/s -n b",
      "events -n b",
      "why s -n b",
      "exec roots -n a -- id",
      "top processes -n b",
    ]) {
      const { code, stdout, stderr } = await verbInProcess(words.split(" "), {
        ...process.env,
        KUBECONFIG: kubeconfig,
        NO_COLOR: "1",
      });
      assert.notEqual(code, 0, `${words}: ${stdout}`);
      assert.match(stderr, /forbidden/i, words);
      assert.ok(!(stdout + stderr).includes(CANARY), words);
    }
  });

  it("keeps nobody from being served, however much she asks", async () => {
    const flood = Array.from({ length: 600 }, (_, n) =>
      n % 2 === 0
        ? eve.ask("POST", "/api/v1/namespaces/a/configmaps", { body: map(`flood-${n}`) })
        : eve.ask("GET", "/apis/wctl.dev/v1/namespaces/a/processes", { isHttp2: true }),
    );
    for (let n = 0; n < 20; n++) assert.equal((await admin.ask("GET", processes("b"))).code, 200);
    const codes = new Set((await Promise.all(flood)).map(({ code }) => code));
    assert.deepEqual(
      [...codes].filter((code) => ![200, 201, 429].includes(code)),
      [],
    );
  });

  it("has changed nothing of all that", async () => assert.deepEqual(await elsewhere(admin), untouched));
});

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ScriptedServer } from "../../scripted-server.ts";

const ACCESS = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const RULES = "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const SELF = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews";

let server: ScriptedServer;
before(async () => {
  server = await ScriptedServer.start({});
});
after(() => server.stop());
beforeEach(() => {
  server.bodies.length = 0;
});

describe("wctl auth can-i", () => {
  const questions: [line: string, spec: object, warns?: string][] = [
    [
      "get processes",
      { resourceAttributes: { namespace: "default", verb: "get", group: "wctl.dev", resource: "processes" } },
    ],
    [
      "get proc/web -n shop",
      { resourceAttributes: { namespace: "shop", verb: "get", group: "wctl.dev", resource: "processes", name: "web" } },
    ],
    ["list secrets -A", { resourceAttributes: { verb: "list", group: "", resource: "secrets" } }],
    [
      "create instances --subresource=exec",
      {
        resourceAttributes: {
          namespace: "default",
          verb: "create",
          group: "wctl.dev",
          resource: "instances",
          subresource: "exec",
        },
      },
    ],
    ["* *", { resourceAttributes: { namespace: "default", verb: "*", group: "*", resource: "*" } }],
    ["get /healthz", { nonResourceAttributes: { verb: "get", path: "/healthz" } }],
    [
      "get nodes",
      { resourceAttributes: { namespace: "default", verb: "get", group: "", resource: "nodes" } },
      "Warning: resource 'nodes' is not namespace scoped\n",
    ],
    ["get nodes -A", { resourceAttributes: { verb: "get", group: "", resource: "nodes" } }],
    [
      "frob secrets",
      { resourceAttributes: { namespace: "default", verb: "frob", group: "", resource: "secrets" } },
      "Warning: verb 'frob' is not a known verb\n",
    ],
    [
      "get widgets.example.com",
      { resourceAttributes: { namespace: "default", verb: "get", group: "example.com", resource: "widgets" } },
      "Warning: the server doesn't have a resource type 'widgets' in group 'example.com'\n",
    ],
  ];
  for (const [line, spec, warns = ""] of questions) {
    it(`asks for ${line}`, async () => {
      server.answers[ACCESS] = { status: { allowed: true } };
      assert.deepEqual(await server.wctl(`auth can-i ${line}`), { code: 0, out: "yes\n", err: warns });
      const [body] = server.bodies as { kind: string; spec: object }[];
      assert.deepEqual([body!.kind, body!.spec], ["SelfSubjectAccessReview", spec]);
    });
  }

  it("knows what only the server has", async () => {
    const gadgets = {
      name: "gadgets",
      singularName: "gadget",
      kind: "Gadget",
      namespaced: true,
      verbs: ["get"],
      shortNames: ["gd"],
    };
    const version = { groupVersion: "example.com/v1", version: "v1" };
    server.answers["GET /api"] = { versions: [] };
    server.answers["GET /apis"] = { groups: [{ name: "example.com", versions: [version], preferredVersion: version }] };
    server.answers["GET /apis/example.com/v1"] = { resources: [gadgets] };
    server.answers[ACCESS] = { status: { allowed: true } };
    for (const type of ["gadgets", "gd", "gadget", "gadgets.example.com"]) {
      server.bodies.length = 0;
      assert.equal((await server.wctl(`auth can-i get ${type}`)).err, "");
      const { resourceAttributes } = (
        server.bodies[0] as { spec: { resourceAttributes: { group: string; resource: string } } }
      ).spec;
      assert.deepEqual([resourceAttributes.group, resourceAttributes.resource], ["example.com", "gadgets"]);
    }
  });

  it("tells no by its exit code too, with the reason", async () => {
    server.answers[ACCESS] = { status: { allowed: false, reason: "no rule\nof yours" } };
    assert.deepEqual(await server.wctl("auth can-i get secrets"), { code: 1, out: "no - no rule of yours\n", err: "" });
    assert.deepEqual(await server.wctl("auth can-i frob nodes -q"), { code: 1, out: "", err: "" });
  });

  it("takes an answer that does not say yes for a no", async () => {
    for (const status of [{}, undefined, { allowed: "yes" }]) {
      server.answers[ACCESS] = { status };
      assert.deepEqual(await server.wctl("auth can-i get secrets"), { code: 1, out: "no\n", err: "" });
    }
  });

  const refusals: [string, string][] = [
    [
      "get",
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'wctl auth can-i -h' for help and examples.\n",
    ],
    ["get processes web", "you must specify two arguments: verb resource or verb resource/resourceName.\n"],
    ["--list get", "list option must be specified with no arguments\n"],
    ["get /x --subresource=y", "--subresource can not be used with NonResourceURL\n"],
  ];
  for (const [line, message] of refusals) {
    it(`refuses "${line}"`, async () => {
      const { code, out, err } = await server.wctl(`auth can-i ${line}`);
      assert.deepEqual([code, out, server.bodies], [1, "", []]);
      assert.ok(err.startsWith(`error: ${message}`), err);
    });
  }

  it("lists what is allowed, each resource and name once", async () => {
    server.answers[RULES] = {
      status: {
        resourceRules: [
          { verbs: ["get", "list"], apiGroups: ["wctl.dev"], resources: ["processes", "processes/scale"] },
          { verbs: ["watch", "get"], apiGroups: ["wctl.dev"], resources: ["processes"] },
          { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a", "b"] },
          { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
        ],
        nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/version"] }],
        incomplete: true,
        evaluationError: "some rules",
      },
    };
    const { code, out, err } = await server.wctl("auth can-i --list -n shop");
    assert.deepEqual([code, err], [0, "warning: the list may be incomplete: some rules\n"]);
    assert.deepEqual(
      out.split("\n").map((line) => line.trimEnd().split(/ {3,}/)),
      [
        ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"],
        ["*.*", "[]", "[]", "[*]"],
        ["secrets", "[]", "[a]", "[get]"],
        ["secrets", "[]", "[b]", "[get]"],
        ["", "[/healthz]", "[]", "[get]"],
        ["", "[/version]", "[]", "[get]"],
        ["processes.wctl.dev/scale", "[]", "[]", "[get list]"],
        ["processes.wctl.dev", "[]", "[]", "[get list watch]"],
        [""],
      ],
    );
    assert.deepEqual((server.bodies[0] as { spec: object }).spec, { namespace: "shop" });
    assert.doesNotMatch((await server.wctl("auth can-i --list --no-headers")).out, /Resources/);
    server.answers[RULES] = { status: { resourceRules: null, nonResourceRules: null, incomplete: false } };
    assert.equal((await server.wctl("auth can-i --list --no-headers")).code, 0, "as a server in Go says none");
  });
});

describe("wctl auth whoami", () => {
  it("shows name, groups and what else is known", async () => {
    const userInfo = {
      username: "jane",
      uid: "u1",
      groups: ["devs", "system:authenticated"],
      extra: { b: ["2"], a: ["1", "x"] },
    };
    server.answers[SELF] = { kind: "SelfSubjectReview", status: { userInfo } };
    const { code, out } = await server.wctl("auth whoami");
    assert.equal(code, 0);
    assert.equal(
      out,
      "ATTRIBUTE   VALUE\nUsername    jane\nUID         u1\nGroups      [devs system:authenticated]\nExtra: a    [1 x]\nExtra: b    [2]\n",
    );
    const whole = await server.wctl("auth whoami -o json");
    assert.deepEqual(JSON.parse(whole.out).status.userInfo, userInfo);
  });

  it("says when the server can't tell it", async () => {
    delete server.answers[SELF];
    const { code, err } = await server.wctl("auth whoami");
    assert.deepEqual([code, err], [1, "error: the selfsubjectreviews API is not enabled in the cluster\n"]);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Desk } from "../../desk.ts";
import { ScriptedServer } from "../../scripted-server.ts";

const kind = (name: string, kind: string, verbs: string[], more: object = {}) => ({
  name,
  kind,
  verbs,
  namespaced: true,
  ...more,
});
const group = (name: string, ...versions: string[]) => ({
  name,
  versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
  preferredVersion: { groupVersion: `${name}/${versions[0]}`, version: versions[0] },
});

const answers = {
  "GET /api": { versions: ["v1"] },
  "GET /apis": { groups: [group("wctl.dev", "v1", "v1beta1"), group("apps", "v1"), group("down.example.com", "v1")] },
  "GET /api/v1": {
    resources: [
      kind("secrets", "Secret", ["get", "list"]),
      kind("nodes", "Node", ["get"], { namespaced: false, shortNames: ["no"] }),
      kind("nodes/status", "Node", ["get"]),
    ],
  },
  "GET /apis/apps/v1": { resources: [kind("things", "AThing", ["create", "list"])] },
  "GET /apis/wctl.dev/v1": {
    resources: [kind("processes", "Process", ["get", "list"], { shortNames: ["proc"], categories: ["all", "wctl"] })],
  },
};

let server: ScriptedServer;
before(async () => {
  server = await ScriptedServer.start(answers);
});
after(() => server.stop());

describe("wctl api-resources", () => {
  it("lists kinds by group and name, and says which group does not answer", async () => {
    const { code, out, err } = await server.wctl("api-resources");
    assert.equal(
      out,
      [
        "NAME        SHORTNAMES   APIVERSION    NAMESPACED   KIND",
        "nodes       no           v1            false        Node",
        "secrets                  v1            true         Secret",
        "things                   apps/v1       true         AThing",
        "processes   proc         wctl.dev/v1   true         Process",
        "",
      ].join("\n"),
    );
    assert.deepEqual(
      [code, err],
      [1, "error: unable to retrieve the complete list of server APIs: down.example.com/v1: not there\n"],
    );
  });

  const lines: [flags: string, names: string][] = [
    ["-o name", "nodes secrets things.apps processes.wctl.dev"],
    ["-o name --sort-by=kind", "things.apps nodes processes.wctl.dev secrets"],
    ["-o name --sort-by=name", "nodes processes.wctl.dev secrets things.apps"],
    ["-o name --api-group=", "nodes secrets"],
    ["-o name --api-group=apps", "things.apps"],
    ["-o name --namespaced", "secrets things.apps processes.wctl.dev"],
    ["-o name --namespaced=false", "nodes"],
    ["-o name --verbs=list,get", "secrets processes.wctl.dev"],
    ["-o name --categories=wctl", "processes.wctl.dev"],
  ];
  for (const [flags, names] of lines)
    it(`lists with ${flags}`, async () =>
      assert.equal((await server.wctl(`api-resources ${flags}`)).out.trim().replaceAll("\n", " "), names));

  it("shows verbs and categories when it may be wide", async () => {
    const { out } = await server.wctl("api-resources -o wide --api-group=wctl.dev --no-headers");
    assert.equal(out, "processes   proc   wctl.dev/v1   true   Process   get,list   all,wctl\n");
  });
});

describe("wctl api-versions", () => {
  it("lists every version of every group", async () => {
    assert.deepEqual(await server.wctl("api-versions"), {
      code: 0,
      out: "apps/v1\ndown.example.com/v1\nv1\nwctl.dev/v1\nwctl.dev/v1beta1\n",
      err: "",
    });
    assert.match((await server.wctl("api-versions x")).err, /^error: unexpected arguments: \[x\]/);
  });
});

describe("against wctld", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());

  it("shows all that it serves", async () => {
    const { code, out } = await desk.wctl("api-resources --categories=all -o name");
    assert.deepEqual([code, out], [0, "instances.wctl.dev\nprocesses.wctl.dev\n"]);
    assert.match((await desk.wctl("api-versions")).out, /^v1\nwctl\.dev\/v1$/m);
  });

  it("and where it is", async () => {
    const { code, out } = await desk.wctl("cluster-info");
    assert.equal(code, 0);
    assert.equal(out, `wctld is running at ${desk.server.url}\nServer Version: v1.32.0-wctl.0.1.0\n`);
    server.answers["GET /version"] = { gitVersion: "v1.33.1" };
    assert.match((await server.wctl("cluster-info")).out, /^Kubernetes control plane is running at http:\/\/127/);
  });
});

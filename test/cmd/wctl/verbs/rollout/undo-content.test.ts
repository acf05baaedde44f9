import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Client } from "../../../../../api/client.ts";
import { keptCopyOf } from "../../../../../api/content/kept-copy.ts";
import { StatusError } from "../../../../../api/errors.ts";
import { templateOf } from "../../../../../api/process-template.ts";
import { configMaps, controllerRevisions, secrets } from "../../../../../api/scheme.ts";
import type { ConfigMap, Process, Secret } from "../../../../../api/types.generated.ts";
import { revisionsOf } from "../../../../../cmd/wctl/rollout/revisions.ts";
import { contentToPutBack } from "../../../../../cmd/wctl/verbs/rollout/undo-content.ts";
import { recordOf } from "../../../../../controllers/process/history/record.ts";
import { Desk } from "../../desk.ts";

const env = [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: "conf", key: "LEVEL" } } }];
const envFrom = (name: string) => [{ secretRef: { name } }];

describe("undo of content", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());

  const configMap = (name: string, values: Record<string, string>, more: object = {}) =>
    desk.client.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "default" },
      data: values,
      ...more,
    } as ConfigMap);
  const secret = (name: string, stringData: Record<string, string>, type = "Opaque") =>
    desk.client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "default" },
      type,
      stringData,
    });
  const dataOf = async (name: string) => (await desk.client.get(configMaps, `default/${name}`)).data;
  const replace = async (name: string, data: Record<string, string>) => {
    await desk.client.delete(configMaps, `default/${name}`);
    await configMap(name, data);
  };
  const keep = async (object: ConfigMap | Secret, keys: readonly string[]): Promise<string> => {
    const copy = keptCopyOf(object, new Set(keys), "salt");
    const made = await desk.client.create(object.kind === "Secret" ? secrets : (configMaps as never), copy as never);
    return made.metadata.name;
  };

  /** Revision 1 was made with what `kept` names, revision 2 is what is there now. */
  async function rolled(name: string, spec: object, kept: Record<string, string>, digests: Record<string, string>) {
    const content = { key: "k", template: "t", first: "f" };
    const changed = Object.fromEntries(Object.keys(digests).map((id) => [id, "now"]));
    const web = await desk.process(name, spec, {
      content: { ...content, digests: changed, digest: "now", changed: "x" },
    });
    const template = templateOf(web.spec);
    const revision = { revision: `${name}-1`, number: 1, template, content: { key: "k", digests, kept } };
    await desk.client.create(controllerRevisions, recordOf(web, revision));
    return web;
  }

  it("puts back the keys that differ, and no others, and says who else reads them", async () => {
    const kept = await keep(await configMap("conf", { LEVEL: "info", OTHER: "1" }), ["LEVEL"]);
    await rolled("web", { env }, { "configmaps/conf": kept }, { "configmaps/conf/LEVEL": "then" });
    await replace("conf", { LEVEL: "debug", OTHER: "2" });
    await desk.process("reader", { env });
    const said = "configmap/conf put back: LEVEL (process/reader refers to it too)";
    const dry = await desk.wctl("rollout undo process/web --dry-run");
    assert.match(
      dry.out,
      new RegExp(`^${said.replace(/[()]/g, "\\$&")} \\(dry run\\)\nprocess.wctl.dev/web rolled back \\(dry run\\)\n`),
    );
    assert.match((await desk.wctl("rollout undo process/web --dry-run=server")).out, /put back: .*server dry run/);
    assert.deepEqual(await dataOf("conf"), { LEVEL: "debug", OTHER: "2" });
    const { out, code } = await desk.wctl("rollout undo process/web");
    assert.deepEqual([code, out], [0, `${said}\nprocess.wctl.dev/web rolled back\n`]);
    assert.deepEqual(await dataOf("conf"), { LEVEL: "info", OTHER: "2" });
    assert.match(
      (await desk.wctl("rollout undo process/web")).out,
      /skipped rollback \(the content is that of revision 1 already/,
    );
  });

  it("makes a Secret anew that was deleted, with its type, and takes out keys that came later; no value is printed", async () => {
    const kept = await keep(await secret("auth", { username: "u", password: "hunter2" }, "kubernetes.io/basic-auth"), [
      "username",
      "password",
    ]);
    const later = await keep(await secret("more", { A: "hunter3" }), ["A"]);
    const spec = { env: [], envFrom: [...envFrom("auth"), ...envFrom("more")] };
    await rolled(
      "sec",
      spec,
      { "secrets/auth": kept, "secrets/more": later },
      { "secrets/auth/password": "1", "secrets/more/A": "1" },
    );
    await desk.client.delete(secrets, "default/auth");
    await desk.client.patch(secrets, "default/more", { type: "merge", body: { stringData: { B: "new" } } });
    const { out } = await desk.wctl("rollout undo process/sec");
    assert.equal(
      out,
      "secret/auth created: password, username\nsecret/more put back: B\nprocess.wctl.dev/sec rolled back\n",
    );
    const auth = await desk.client.get(secrets, "default/auth");
    assert.deepEqual(
      [auth.type, Object.keys(auth.data!).toSorted()],
      ["kubernetes.io/basic-auth", ["password", "username"]],
    );
    assert.deepEqual(Object.keys((await desk.client.get(secrets, "default/more")).data!), ["A"]);
  });

  it("is refused before the first write when a copy is gone, replaced or was never made, and names the object", async () => {
    const kept = await keep(await configMap("first", { LEVEL: "info" }), ["LEVEL"]);
    const copy = await keep(await configMap("second", { LEVEL: "info" }), ["LEVEL"]);
    const two = {
      env: ["first", "second"].map((name, n) => ({
        name: `V${n}`,
        valueFrom: { configMapKeyRef: { name, key: "LEVEL" } },
      })),
    };
    const digests = { "configmaps/first/LEVEL": "1", "configmaps/second/LEVEL": "1" };
    await rolled("gone", two, { "configmaps/first": kept, "configmaps/second": copy }, digests);
    await rolled("never", two, { "configmaps/first": kept }, digests);
    await replace("first", { LEVEL: "debug" });
    await replace("second", { LEVEL: "debug" });
    const refused = async (name: string) => (await desk.wctl(`rollout undo process/${name}`)).err;
    assert.match(
      await refused("never"),
      /^error: revision 1 was made with content of configmap "second" that was not kept\nApply what was/,
    );
    await desk.client.delete(configMaps, `default/${copy}`);
    assert.match(await refused("gone"), /configmap "second" that is not kept any more: somebody has deleted "second-/);
    const labels = { "wctl.dev/content-of": "second" };
    await configMap(
      copy,
      { LEVEL: "planted" },
      { metadata: { name: copy, namespace: "default", labels }, immutable: true },
    );
    assert.match(await refused("gone"), /is not kept any more: "second-\w+" is not what wctl has kept/);
    assert.deepEqual(await dataOf("first"), { LEVEL: "debug" });
  });

  it("is refused for an immutable ConfigMap, and for who may not read Secrets, before the first write", async () => {
    const kept = await keep(await configMap("fixed", { LEVEL: "info" }), ["LEVEL"]);
    const fixed = { env: [{ name: "V", valueFrom: { configMapKeyRef: { name: "fixed", key: "LEVEL" } } }] };
    await rolled("fixed", fixed, { "configmaps/fixed": kept }, { "configmaps/fixed/LEVEL": "1" });
    await desk.client.delete(configMaps, "default/fixed");
    await configMap("fixed", { LEVEL: "debug" }, { immutable: true });
    assert.match((await desk.wctl("rollout undo process/fixed")).err, /^error: configmap "fixed" is immutable/);

    const secretly = await keep(await secret("token", { T: "1" }), ["T"]);
    const spec = { ...fixed, envFrom: envFrom("token") };
    const web = await rolled("poor", spec, { "secrets/token": secretly }, { "secrets/token/T": "1" });
    const { items } = await desk.client.list(controllerRevisions);
    const poor = new Proxy(desk.client, {
      get: (target, verb: string) => {
        if (verb !== "get") return assert.fail(`${verb}: nothing is written`);
        return (resource: never, key: string) =>
          resource === secrets ? Promise.reject(new StatusError("Forbidden", "no Secrets")) : target.get(resource, key);
      },
    }) as Client;
    const [revision] = revisionsOf(web as Process as never, items);
    await assert.rejects(contentToPutBack(poor, web, revision!), /no Secrets/);
  });

  it("of two at once writes once; the other loses or finds nothing to do", async () => {
    const kept = await keep(await configMap("raced", { LEVEL: "info" }), ["LEVEL"]);
    const spec = { env: [{ name: "V", valueFrom: { configMapKeyRef: { name: "raced", key: "LEVEL" } } }] };
    await rolled("raced", spec, { "configmaps/raced": kept }, { "configmaps/raced/LEVEL": "1" });
    await replace("raced", { LEVEL: "debug" });
    const all = await Promise.all(Array.from({ length: 5 }, () => desk.wctl("rollout undo raced")));
    assert.equal(all.filter(({ out }) => out.includes("put back")).length, 1);
    for (const { code, err } of all) if (code !== 0) assert.match(err, /^Error from server \(Conflict\)/);
    assert.deepEqual(await dataOf("raced"), { LEVEL: "info" });
  });

  it("leaves alone what a program is told of in place, and what an earlier version has recorded", async () => {
    const kept = await keep(await configMap("files", { conf: "1" }), ["conf"]);
    const spec = {
      files: [{ path: "conf", configMapRef: { name: "files", key: "conf" } }],
      configChange: { action: "Signal", signal: "SIGHUP" },
    };
    await rolled("told", spec, { "configmaps/files": kept }, { "configmaps/files/conf": "1" });
    await replace("files", { conf: "2" });
    assert.match((await desk.wctl("rollout undo process/told")).out, /skipped rollback/);
    assert.deepEqual(await dataOf("files"), { conf: "2" });
    const web = await desk.process(
      "old",
      { env },
      { content: { key: "k", template: "t", first: "f", digests: {}, digest: "now" } },
    );
    const content = { digests: {} };
    await desk.client.create(
      controllerRevisions,
      recordOf(web, { revision: "old-1", number: 1, template: templateOf(web.spec), content }),
    );
    assert.match(
      (await desk.wctl("rollout undo process/old")).err,
      /which the version of wctl that recorded it did not keep/,
    );
  });
});

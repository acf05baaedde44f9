import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { configMaps } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

let desk: Desk;
before(async () => {
  desk = await Desk.open();
});
after(() => desk.close());

/** `web` with one label and one annotation, and `other` with none. */
beforeEach(async () => {
  for (const { metadata } of (await desk.client.list(configMaps)).items)
    await desk.client.delete(configMaps, `default/${metadata.name}`);
  for (const [name, values] of Object.entries({ web: { a: "1" }, other: {} })) {
    const metadata = { name, namespace: "default", labels: values, annotations: values };
    await desk.client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
  }
});

const said = async (line: string): Promise<string> => {
  const { code, out, err } = await desk.wctl(line);
  return `${out}${err}${code === 0 ? "" : `exit ${code}`}`;
};
const labels = async (name = "web"): Promise<unknown> =>
  (await desk.client.get(configMaps, `default/${name}`)).metadata.labels ?? {};

describe("wctl label", () => {
  const lines: [line: string, says: string, labels?: object][] = [
    ["label cm web b=2 c=", "configmap/web labeled\n", { a: "1", b: "2", c: "" }],
    ["label cm web a=1", "configmap/web not labeled\n"],
    ["label cm/web a=2", "error: 'a' already has a value (1), and --overwrite is false\nexit 1"],
    ["label cm web a=2 --overwrite", "configmap/web labeled\n", { a: "2" }],
    ["label cm web a-", "configmap/web unlabeled\n", {}],
    ["label cm web x-", 'label "x" not found.\nconfigmap/web not labeled\n'],
    ["label cm web a=2 --overwrite --dry-run=client", "configmap/web labeled (dry run)\n"],
    ["label cm web a=2 --overwrite --dry-run=server", "configmap/web labeled (server dry run)\n"],
    ["label cm web b=1 -o name", "configmap/web\n", { a: "1", b: "1" }],
    ["label cm web --list", "a=1\n"],
    ["label cm web b=2 --list", "a=1\nb=2\n", { a: "1", b: "2" }],
    ["label cm --all --list", "Listing labels for ConfigMap./other:\nListing labels for ConfigMap./web:\n a=1\n"],
    ["label cm --all b=1", "configmap/other labeled\nconfigmap/web labeled\n", { a: "1", b: "1" }],
    ["label cm -l a=1 b=1", "configmap/web labeled\n", { a: "1", b: "1" }],
    ["label cm --all a=1", "configmap/other labeled\nconfigmap/web not labeled\n"],
    [
      "label cm web ghost b=1",
      'configmap/web labeled\nError from server (NotFound): configmaps "ghost" not found\nexit 1',
      { a: "1", b: "1" },
    ],
  ];
  for (const [line, says, after = { a: "1" }] of lines) {
    it(`${line}: ${says.split("\n")[0]}`, async () => {
      assert.equal(await said(line), says);
      assert.deepEqual(await labels(), after);
    });
  }

  const refusals: [string, string][] = [
    ["label cm web", "at least one label update is required"],
    ["label", "one or more resources must be specified as <resource> <name> or <resource>/<name>"],
    ["label cm web a=b=c", "invalid label spec: a=b=c"],
    ["label cm web a=-b-", 'invalid label value: "a=-b-": a valid label must be an empty string or consist of'],
    ["label cm web b=1 b-", "can not both modify and remove a label in the same command"],
    ["label cm web b=1 other", "all resources must be specified before label changes: other"],
    ["label cm --all b=1 -l a=1", "cannot set --all and --selector at the same time"],
    ["label cm --all b=1 --field-selector=metadata.name=web", "cannot set --all and --field-selector at the same time"],
    ["label cm web --list -o yaml", "--list and --output may not be specified together"],
    ["label cm --all b=1 --resource-version=5", "--resource-version may only be used with a single resource"],
    ["label cm b=1", "resource(s) were provided, but no name was specified"],
  ];
  for (const [line, message] of refusals) {
    it(`refuses "${line}"`, async () => {
      const { code, out, err } = await desk.wctl(line);
      assert.deepEqual([code, out], [1, ""]);
      assert.ok(err.startsWith(`error: ${message}`), err);
      assert.deepEqual(await labels(), { a: "1" });
    });
  }

  it("changes the version that is named, or none", async () => {
    const { resourceVersion } = (await desk.client.get(configMaps, "default/web")).metadata;
    assert.equal(await said(`label cm web b=1 --resource-version=${resourceVersion}`), "configmap/web labeled\n");
    assert.match(
      await said(`label cm web c=1 --resource-version=${resourceVersion}`),
      /^Error from server \(Conflict\)/,
    );
  });

  it("leaves it to the server what a key may be", async () => {
    const { code, err } = await desk.wctl(["label", "cm", "web", "bad key=1"]);
    assert.equal(code, 1);
    assert.match(err, /^The ConfigMap "web" is invalid: metadata\.labels: Invalid value: "bad key"/);
  });
});

describe("wctl annotate", () => {
  const lines: [line: string, says: string][] = [
    ["annotate cm web b=2=3", "configmap/web annotated\n"],
    ["annotate cm web b-", "configmap/web annotated\n"],
    [
      "annotate cm web a=2",
      "error: --overwrite is false but found the following declared annotation(s): 'a' already has a value (1)\nexit 1",
    ],
    ["annotate cm web --list", "a=1\n"],
    ["annotate cm web", "error: at least one annotation update is required\nexit 1"],
    ["annotate cm web b=1 b-", "error: can not both modify and remove an annotation in the same command\nexit 1"],
  ];
  for (const [line, says] of lines) it(`${line}`, async () => assert.equal(await said(line), says));

  it("takes any text for a value, and writes annotations only", async () => {
    await desk.wctl(["annotate", "cm", "web", "why=more memory, a=b", "a-"]);
    const { metadata } = await desk.client.get(configMaps, "default/web");
    assert.deepEqual([metadata.annotations, metadata.labels], [{ why: "more memory, a=b" }, { a: "1" }]);
  });
});

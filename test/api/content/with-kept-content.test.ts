import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withKeptContent } from "../../../api/content/with-kept-content.ts";
import { referencesOf } from "../../../api/instance-references.ts";
import type { InstanceSpec } from "../../../api/types.generated.ts";

const plain: InstanceSpec = {
  command: "/bin/web",
  nodeName: "pc1",
  index: 0,
  revision: "web-1",
  env: [
    { name: "A", value: "1" },
    { name: "B", valueFrom: { configMapKeyRef: { name: "conf", key: "b", optional: true } } },
    { name: "C", valueFrom: { secretKeyRef: { name: "keys", key: "c" } } },
    { name: "D", valueFrom: { configMapKeyRef: { name: "late", key: "d", optional: true } } },
  ],
  envFrom: [{ prefix: "X_", configMapRef: { name: "conf" } }, { secretRef: { name: "late", optional: true } }],
  files: [{ path: "c", secretRef: { name: "keys", key: "c" } }],
  runAs: { account: "web", passwordSecretRef: { name: "keys", key: "password" } },
};
const keptContent: InstanceSpec["keptContent"] = [
  { kind: "ConfigMap", name: "conf", keptAs: "conf-1" },
  { kind: "Secret", name: "keys", keptAs: "keys-1" },
  { kind: "ConfigMap", name: "late" },
  { kind: "Secret", name: "late" },
];

describe("an Instance with kept content", () => {
  it("is as its template says without any", () => {
    assert.equal(withKeptContent(plain), plain);
  });

  it("reads the kept copies, leaves out what was not there, and takes the password of its account where it is", () => {
    const { env, envFrom, files, runAs, keptContent: left } = withKeptContent({ ...plain, keptContent });
    assert.deepEqual(env, [
      { name: "A", value: "1" },
      { name: "B", valueFrom: { configMapKeyRef: { name: "conf-1", key: "b", optional: true } } },
      { name: "C", valueFrom: { secretKeyRef: { name: "keys-1", key: "c" } } },
    ]);
    assert.deepEqual(envFrom, [{ prefix: "X_", configMapRef: { name: "conf-1" } }]);
    assert.deepEqual(files, [{ path: "c", secretRef: { name: "keys-1", key: "c" } }]);
    assert.deepEqual([runAs, left], [plain.runAs, undefined]);
  });

  it("reads files where everybody does when it is told of them in place", () => {
    const configChange = { action: "Signal" as const, signal: "SIGHUP" };
    assert.deepEqual(withKeptContent({ ...plain, keptContent, configChange }).files, plain.files);
  });

  it("names what it reads, so that its agent may", () => {
    const { secrets, configMaps } = referencesOf({ ...plain, keptContent });
    assert.deepEqual([[...secrets].toSorted(), [...configMaps]], [["keys", "keys-1"], ["conf-1"]]);
  });
});

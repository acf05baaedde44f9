import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, FileSpec, Instance, Secret } from "../../../../api/types.generated.ts";
import type { Sources } from "../../../../controllers/instance/launch/files-of.ts";
import { resolveReferences, secretValues } from "../../../../controllers/instance/launch/references.ts";

const metadata = { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "t" };
const configMap: Stored<ConfigMap> = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
  data: { "app.conf": "grün\n" },
  binaryData: { "app.bin": "AP8=" },
};
const secret: Stored<Secret> = {
  apiVersion: "v1",
  kind: "Secret",
  metadata,
  data: { token: "/wA=", pass: "cGFzcw==" },
};
const sources: Sources = {
  configMaps: { get: (key) => (key === "default/web" ? configMap : undefined) },
  secrets: { get: (key) => (key === "default/web" ? secret : undefined) },
};
const instance = (files: FileSpec[]): Stored<Instance> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata,
  spec: { command: "x", nodeName: "n", index: 0, revision: "r", files },
});
const of = (key: string, more: object = {}) => ({ name: "web", key, ...more });

describe("the files that an Instance declares", () => {
  it("have the bytes of their key, text or not, and the mode that they ask for", () => {
    const resolved = resolveReferences(
      instance([
        { path: "a", configMapRef: of("app.conf") },
        { path: "b", configMapRef: of("app.bin"), mode: "640" },
        { path: "c", secretRef: of("token") },
        { path: "d", secretRef: of("none", { optional: true }) },
      ]),
      sources,
    );
    assert.ok(!("missing" in resolved));
    assert.deepEqual(
      resolved.files?.map(({ path, content, mode, isSecret }) => [
        path,
        Buffer.from(content).toString("hex"),
        mode,
        isSecret,
      ]),
      [
        ["a", Buffer.from("grün\n").toString("hex"), 0o644, false],
        ["b", "00ff", 0o640, false],
        ["c", "ff00", 0o400, true],
      ],
    );
  });

  it("are missing when their key is, and the message names the file", () => {
    assert.deepEqual(resolveReferences(instance([{ path: "conf/a", configMapRef: of("b") }]), sources), {
      missing: 'key "b" of configmap "web" not found (for the file conf/a)',
    });
    assert.deepEqual(
      resolveReferences(instance([{ path: "a", secretRef: { name: "s", key: "__proto__" } }]), sources),
      {
        missing: 'key "__proto__" of secret "s" not found (for the file a)',
      },
    );
  });

  it("are bounded together", () => {
    const data = { big: "x".repeat(1024 * 1024) };
    const large: Sources = { ...sources, configMaps: { get: () => ({ ...configMap, data }) } };
    const files = Array.from({ length: 9 }, (_, n) => ({ path: `f${n}`, configMapRef: of("big") }));
    assert.ok(!("missing" in resolveReferences(instance(files.slice(1)), large)));
    assert.deepEqual(resolveReferences(instance(files), large), {
      missing: "the files are longer than 8388608 bytes together (with f8)",
    });
  });

  it("are masked as every other value of a Secret", () => {
    assert.deepEqual(secretValues(instance([{ path: "c", secretRef: of("pass") }]), sources), ["pass"]);
  });
});

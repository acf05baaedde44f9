import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, Instance } from "../../../../api/types.generated.ts";
import type { Sources } from "../../../../controllers/instance/launch/files-of.ts";
import { resolveReferences } from "../../../../controllers/instance/launch/references.ts";

const metadata = { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "t" };
const hostile = { NESTED: "$(OTHER)", FLAG: "--rm -rf /", QUOTE: `a" 'b`, OTHER: "other", WCTL_INSTANCE_INDEX: "9" };
const configMap: Stored<ConfigMap> = { apiVersion: "v1", kind: "ConfigMap", metadata, data: hostile };
const sources: Sources = { configMaps: { get: () => configMap }, secrets: { get: () => undefined } };

/** What the values of a ConfigMap, which others may edit, can make of a command line and of other variables. */
describe("what $(NAME) brings into a command line", () => {
  const resolve = (args: string[], env: Instance["spec"]["env"] = []) => {
    const spec = {
      command: "x",
      nodeName: "n",
      index: 0,
      revision: "r",
      args,
      env,
      envFrom: [{ configMapRef: { name: "web" } }],
    };
    const resolved = resolveReferences({ apiVersion: "wctl.dev/v1", kind: "Instance", metadata, spec }, sources);
    assert.ok(!("missing" in resolved));
    return resolved;
  };

  it("is not expanded a second time", () => {
    assert.deepEqual(resolve(["$(NESTED)", "$(OTHER)$(NESTED)"]).args, ["$(OTHER)", "other$(OTHER)"]);
    assert.equal(resolve([], [{ name: "A", value: "<$(NESTED)>" }]).env.A, "<$(OTHER)>");
    const twice = [
      { name: "A", value: "$(NESTED)" },
      { name: "B", value: "$(A)" },
    ];
    assert.equal(resolve([], twice).env.B, "$(OTHER)");
  });

  it("stays within its argument, whatever blanks and quotes it has", () => {
    assert.deepEqual(resolve(["--name=$(FLAG)", "$(QUOTE)"]).args, ["--name=--rm -rf /", `a" 'b`]);
    assert.equal(resolve(["$(FLAG)"]).args.length, 1);
  });

  it("is what the manifest asks for: an argument that is a variable alone may be a flag, one with text before it is none", () => {
    assert.deepEqual(resolve(["$(FLAG)", "./$(FLAG)"]).args, ["--rm -rf /", "./--rm -rf /"]);
  });

  it("replaces none of wctl's own variables", () => {
    assert.deepEqual(resolve(["$(WCTL_INSTANCE_INDEX)"]).args, ["0"]);
    assert.equal(resolve([]).env.WCTL_INSTANCE_INDEX, "0");
  });
});

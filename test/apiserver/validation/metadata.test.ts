import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObjectMeta } from "../../../api/object.ts";
import { MAX_ANNOTATION_BYTES, metadataCauses } from "../../../apiserver/validation/metadata.ts";
import { kindNamed } from "../fixtures.ts";

const faults = (metadata: Partial<ObjectMeta>, kind = "Secret") =>
  metadataCauses(kindNamed(kind).nameError, { name: "x", ...metadata }).map(
    ({ field, message }) => `${field}: ${message}`,
  );

describe("metadata", () => {
  it("names are what Kubernetes takes for names", () => {
    for (const name of ["a", "a-b", "a.b", "0", "a".repeat(253), "con", "com1"]) assert.deepEqual(faults({ name }), []);
    for (const name of [
      "A",
      "a_b",
      "-a",
      "a-",
      ".a",
      "a..b",
      "a/b",
      "a\\b",
      "a\u0000",
      "é",
      " ",
      "a".repeat(254),
      "..",
      "a:b",
    ]) {
      assert.equal(faults({ name }).length, 1, name);
    }
    assert.deepEqual(faults({ name: "Foo" }), [
      "metadata.name: Invalid value: \"Foo\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (for example: \"foo\")",
    ]);
    for (const [name, meant] of Object.entries({
      "My_Web App": "my-web-app",
      WebServer: "web-server",
      "Größe.": "gro-e",
      "a..b": "a.b",
    }))
      assert.match(faults({ name })[0]!, new RegExp(`\\(for example: "${meant}"\\)$`), name);
    assert.doesNotMatch(faults({ name: "_" })[0]!, /for example/);
  });

  it("namespaces are labels, and Processes leave room for the index", () => {
    assert.equal(faults({ name: "a.b" }, "Namespace").length, 1);
    assert.equal(faults({ name: "a".repeat(64) }, "Namespace").length, 1);
    assert.deepEqual(faults({ name: "a".repeat(247) }, "Process"), []);
    assert.equal(faults({ name: "a".repeat(248) }, "Process").length, 1);
  });

  it("labels and annotations have Kubernetes' grammar and limits", () => {
    assert.deepEqual(
      faults({ labels: { "app.kubernetes.io/name": "web", a: "" }, annotations: { "x.y/Z": "any\nthing" } }),
      [],
    );
    const wrong = faults({ labels: { "a b": "x", ok: "not ok", "a/b/c": "" }, annotations: { "": "" } });
    assert.deepEqual(
      wrong.map((text) => text.split(":")[0]),
      ["metadata.labels", "metadata.labels", "metadata.labels", "metadata.annotations"],
    );
    assert.deepEqual(faults({ annotations: { a: "x".repeat(MAX_ANNOTATION_BYTES - 1) } }), []);
    assert.deepEqual(faults({ annotations: { a: "x".repeat(MAX_ANNOTATION_BYTES) } }), [
      "metadata.annotations: Too long: may not be more than 262144 bytes",
    ]);
    assert.deepEqual(faults({ labels: { toString: "x", hasOwnProperty: "y" } }), []);
  });

  it("owners and finalizers are whole", () => {
    const owner = { apiVersion: "wctl.dev/v1", kind: "Process", name: "a", uid: "1", controller: true };
    assert.deepEqual(faults({ ownerReferences: [owner], finalizers: ["wctl.dev/stop"] }), []);
    assert.equal(faults({ ownerReferences: [owner, { ...owner, uid: "2" }] }).length, 1);
    assert.equal(faults({ ownerReferences: [{ ...owner, uid: "" }] }).length, 1);
    const version = "metadata.ownerReferences.apiVersion: Invalid value";
    assert.match(faults({ ownerReferences: [{ ...owner, apiVersion: "a/b/c" }] }).join(), new RegExp(`^${version}`));
    const event = { ...owner, apiVersion: "v1", kind: "Event" };
    assert.match(faults({ ownerReferences: [event] }).join(), /Kind=Event is disallowed from being an owner/);
    assert.equal(faults({ finalizers: ["not ok"] }).length, 1);
    assert.equal(faults({ finalizers: ["orphan", "foregroundDeletion"] }).length, 1);
  });
});

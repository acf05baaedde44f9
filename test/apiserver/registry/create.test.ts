import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { process } from "../fixtures.ts";
import { create, desk, deskForEachTest, made, refused } from "./written-objects.ts";

deskForEachTest();

describe("create", () => {
  it("answers with defaults and the server's own metadata, whatever the client says of it", async () => {
    const object = await made("web", {}, { uid: "mine", generation: 9, creationTimestamp: "1999-01-01T00:00:00Z" });
    assert.match(object.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.equal(object.metadata.generation, 1);
    assert.equal(object.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
    assert.equal(object.spec.replicas, 1);
    assert.deepEqual(object.spec.backoff, { initialSeconds: 1, factor: 2, maxSeconds: 300, resetAfterSeconds: 600 });
  });

  it("ignores status, which is written through its subresource only", async () => {
    assert.equal(((await create({ ...process("web"), status: { replicas: 7 } })) as Process).status, undefined);
  });

  it("refuses what is there already, in the words of Kubernetes", async () => {
    await made("web");
    const { message, code, details } = await refused(made("web"));
    assert.equal(message, 'processes.wctl.dev "web" already exists');
    assert.equal(code, 409);
    assert.deepEqual(details, { name: "web", group: "wctl.dev", kind: "processes" });
  });

  it("lets exactly one of two at the same time win", async () => {
    const results = await Promise.allSettled([made("web"), made("web")]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("makes up a name from generateName", async () => {
    const { metadata } = await create({ ...process("x"), metadata: { generateName: "web-" } });
    assert.match(metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(metadata.generateName, "web-");
  });

  it("refuses a body without a name, with a resourceVersion, of another namespace, kind or version", async () => {
    const body = process("web");
    const cases: [unknown, number, string][] = [
      [
        { ...body, metadata: {} },
        422,
        'Process.wctl.dev "" is invalid: metadata.name: Required value: name or generateName is required',
      ],
      [process("web", {}, { resourceVersion: "3" }), 400, "resourceVersion should not be set on objects to be created"],
      [
        process("web", {}, { namespace: "other" }),
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
      ],
      [{ ...body, kind: "Pod" }, 422, 'Process.wctl.dev "web" is invalid: kind: Invalid value: "Pod": must be Process'],
      [
        { ...body, apiVersion: "apps/v1" },
        400,
        "the API version in the data (apps/v1) does not match the expected API version (wctl.dev/v1)",
      ],
      [{ ...body, kind: undefined }, 400, "Object 'Kind' is missing"],
      [[], 400, "the body must be an object"],
      ["text", 400, "the body must be an object"],
    ];
    for (const [wrong, code, message] of cases) {
      const error = await refused(create(wrong));
      assert.equal(error.message, message);
      assert.equal(error.code, code);
    }
  });

  it("says which fields are wrong, each with its path", async () => {
    const error = await refused(made("web", { args: [1], restartPolicy: "No", replicas: -1, command: undefined }));
    assert.equal(error.code, 422);
    assert.deepEqual(error.details, {
      name: "web",
      group: "wctl.dev",
      kind: "Process",
      causes: [
        { reason: "FieldValueRequired", message: "Required value", field: "spec.command" },
        {
          reason: "FieldValueTypeInvalid",
          message:
            'Invalid value: "integer": spec.args[0] in body must be of type string: "integer"; put it in quotes: "1"',
          field: "spec.args[0]",
        },
        {
          reason: "FieldValueNotSupported",
          message: 'Unsupported value: "No": supported values: "Always", "OnFailure", "Never"',
          field: "spec.restartPolicy",
        },
        {
          reason: "FieldValueInvalid",
          message: "Invalid value: -1: spec.replicas in body should be greater than or equal to 0",
          field: "spec.replicas",
        },
      ],
    });
  });

  it("needs a namespace that is there", async () => {
    const error = await refused(
      desk.registry.create(processes as Resource, "gone", process("web", {}, { namespace: "gone" }), {}),
    );
    assert.equal(error.message, 'namespaces "gone" not found');
    assert.equal(error.code, 404);
  });

  it("writes nothing in a dry run, and decides as the real one does", async () => {
    const before = desk.store.revision;
    const object = await create(process("web"), { dryRun: true });
    assert.equal(object.metadata.resourceVersion, undefined);
    assert.equal(desk.store.revision, before);
    await made("web");
    assert.equal((await refused(create(process("web"), { dryRun: true }))).reason, "AlreadyExists");
    assert.equal((await refused(create(process("w2", { replicas: -1 }), { dryRun: true }))).code, 422);
  });
});

describe("unknown fields", () => {
  const body = { ...process("web", { replica: 2, bogus: 1 }), extra: true };

  it("are all refused under Strict, with the near miss", async () => {
    const error = await refused(create(body, { fieldValidation: "Strict" }));
    assert.equal(error.code, 400);
    assert.equal(
      error.message,
      'Process in version "v1" cannot be handled as a Process: strict decoding error: unknown field "extra", unknown field "spec.bogus", unknown field "spec.replica" (did you mean "replicas"?)',
    );
  });

  it("are pruned with a warning otherwise, and in silence when asked", async () => {
    const { object, warnings } = await desk.registry.create(processes as Resource, "default", body, {});
    assert.deepEqual(warnings, [
      'unknown field "extra"',
      'unknown field "spec.bogus"',
      'unknown field "spec.replica" (did you mean "replicas"?)',
    ]);
    assert.equal("extra" in object, false);
    assert.equal("bogus" in (object as Stored<Process>).spec, false);
    const silent = await desk.registry.update(
      processes as Resource,
      "default/web",
      { ...object, extra: 1 },
      { fieldValidation: "Ignore" },
    );
    assert.deepEqual(silent.warnings, []);
  });
});

describe("warnings", () => {
  it("tell of a shell line where a program belongs", async () => {
    const warnings = async (command: string, name: string) =>
      (await desk.registry.create(processes as Resource, "default", process(name, { command }), {})).warnings;
    assert.deepEqual(await warnings("node server.js", "a"), [
      'spec.command: "node server.js" is looked up as the name of one program; arguments belong in spec.args',
    ]);
    assert.deepEqual(await warnings("C:\\Program Files\\nodejs\\node.exe", "b"), []);
    assert.deepEqual(await warnings("/opt/my app", "c"), []);
    assert.deepEqual(await warnings("node", "d"), []);
  });

  it("tell that a service reaches no windows", async () => {
    const spec = { command: "C:\\app.exe", stop: { signal: "WmClose" } };
    const { warnings } = await desk.registry.create(processes as Resource, "default", process("e", spec), {});
    assert.match(warnings[0]!, /^spec\.stop\.signal: WmClose reaches only windows of the daemon's own session/);
  });
});

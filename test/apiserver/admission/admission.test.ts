import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { events, instances, processes, type Resource, scheme } from "../../../api/scheme.ts";
import { admitObject, admitStatus } from "../../../apiserver/admission/admit.ts";
import { refuse } from "../../../apiserver/admission/faults.ts";
import type { AdmissionDefaults } from "../../../apiserver/admission/template-defaults.ts";
import { assertWellFormed, MAX_CHARACTERS, MAX_VALUES } from "../../../apiserver/admission/well-formed.ts";
import { instance, kindNamed, object, process } from "../fixtures.ts";

function admit(body: unknown, resource: unknown = processes, defaults: AdmissionDefaults = {}) {
  const kind = kindNamed((resource as Resource).kind);
  const admitted = admitObject(kind, body as Record<string, unknown>, undefined, defaults);
  refuse(kind.resource, "web", admitted.faults, []);
  return admitted;
}
const specOf = (spec: Record<string, unknown>, defaults: AdmissionDefaults = {}) =>
  admit(process("web", spec), processes, defaults).fields.spec as Record<string, unknown>;
const causesOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return (error.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  }
  throw new assert.AssertionError({ message: "was not refused" });
};

describe("what no body may be", () => {
  const code = (body: unknown): number | undefined => {
    try {
      assertWellFormed(body);
      return undefined;
    } catch (error) {
      return (error as StatusError).code;
    }
  };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  it("too deep, too many, too long, out of range, or a way to a prototype", () => {
    assert.equal(code(nested(64)), undefined);
    assert.equal(code(nested(65)), 400);
    assert.equal(code(nested(1_000)), 400);
    assert.equal(code(Array(MAX_VALUES - 1).fill(1)), undefined);
    assert.equal(code(Array(MAX_VALUES).fill(1)), 413);
    assert.equal(code({ a: "x".repeat(MAX_CHARACTERS) }), 413);
    for (const number of [Number.POSITIVE_INFINITY, Number.NaN, 2 ** 53, -(2 ** 60)]) assert.equal(code([number]), 400);
    for (const key of ["__proto__", "constructor", "prototype"])
      assert.equal(code(JSON.parse(`{"a":[{"${key}":1}]}`)), 400);
    for (const value of [() => 1, Symbol("x"), 1n]) assert.equal(code({ value }), 400);
    assert.equal(code({ toString: 1, hasOwnProperty: 2, a: undefined }), undefined);
  });

  it("and the message says where", () => {
    assert.throws(() => assertWellFormed({ spec: { env: [{ prototype: 1 }] } }), {
      message: 'the key "prototype" is not allowed (at spec.env[0])',
    });
  });
});

describe("defaults", () => {
  it("fill what is absent, down into objects that are a default themselves", () => {
    const spec = specOf({
      readinessProbe: { httpGet: { port: 1 } },
      dependsOn: [{ name: "db" }],
      stop: { signal: "CtrlC" },
    });
    assert.deepEqual(spec.stop, { signal: "CtrlC", gracePeriodSeconds: 30 });
    assert.deepEqual(spec.logs, { maxSize: "10Mi", maxFiles: 5, stderr: "Merge" });
    assert.deepEqual(spec.dependsOn, [{ name: "db", condition: "Ready" }]);
    assert.deepEqual(spec.readinessProbe, {
      httpGet: { port: 1, path: "/", scheme: "HTTP" },
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    });
    assert.equal("livenessProbe" in spec, false);
  });

  it("take the place of null; other nulls are dropped, in lists they are wrong", () => {
    const spec = specOf({ replicas: null, workingDir: null, backoff: null, env: [{ name: "A", value: null }] });
    assert.equal(spec.replicas, 1);
    assert.equal("workingDir" in spec, false);
    assert.deepEqual(spec.env, [{ name: "A" }]);
    assert.deepEqual((spec.backoff as { factor: number }).factor, 2);
    assert.deepEqual(
      causesOf(() => specOf({ args: [null] })),
      ['spec.args[0]: Invalid value: "null": spec.args[0] in body must be of type string: "null"'],
    );
    const event = admit(object("Event", "e", { involvedObject: {}, lastTimestamp: null, reason: null }), events).fields;
    assert.deepEqual(event, { involvedObject: {}, lastTimestamp: null, type: "Normal" });
  });

  it("of the configuration stand before those of the schema, and behind what is written", () => {
    const defaults = { backoff: { initialSeconds: 3, maxSeconds: 60 }, probe: { periodSeconds: 7 } };
    const spec = specOf({ backoff: { maxSeconds: 90 }, livenessProbe: { tcpSocket: { port: 1 } } }, defaults);
    assert.deepEqual(spec.backoff, { maxSeconds: 90, initialSeconds: 3, factor: 2, resetAfterSeconds: 600 });
    assert.equal((spec.livenessProbe as { periodSeconds: number }).periodSeconds, 7);
    assert.equal("readinessProbe" in spec, false);
    const copy = admit(instance("web-0"), instances, defaults).fields.spec as typeof spec;
    assert.deepEqual((copy.backoff as { maxSeconds: number }).maxSeconds, 60);
  });

  it("are never shared between Objects, nor taken from the caller's body", () => {
    const body = process("web", { args: ["a"] });
    const [first, second] = [admit(body), admit(body)].map(({ fields }) => fields.spec as Record<string, object>);
    assert.notEqual(first?.successExitCodes, second?.successExitCodes);
    assert.notEqual(first?.args, body.spec.args);
    assert.deepEqual(body, process("web", { args: ["a"] }));
  });
});

describe("text and numbers", () => {
  it("read back as they are stored", () => {
    const spec = specOf({ args: ["a\ud800b", "\u{1f600}"], minReadySeconds: -0 });
    assert.deepEqual(spec.args, ["a\ufffdb", "\u{1f600}"]);
    assert.ok(Object.is(spec.minReadySeconds, 0));
  });
});

describe("the schema's faults", () => {
  it("are said as the Kubernetes API server says them", () => {
    const spec = {
      command: "",
      args: "x",
      replicas: 1.5,
      minReadySeconds: "1",
      progressDeadlineSeconds: 0,
      revisionHistoryLimit: 101,
      restartPolicy: "Sometimes",
      successExitCodes: [],
      restartedAt: "yesterday",
      resources: { limits: { cpu: true }, affinity: "a" },
      env: [{ value: "x" }, { name: "A", value: "v".repeat(32_767) }],
    };
    assert.deepEqual(causesOf(() => specOf(spec)).sort(), [
      'spec.args: Invalid value: "string": spec.args in body must be of type array: "string"',
      'spec.command: Invalid value: "": spec.command in body should be at least 1 chars long',
      "spec.env[0].name: Required value",
      "spec.env[1].value: Too long: may not be more than 32766 bytes",
      'spec.minReadySeconds: Invalid value: "string": spec.minReadySeconds in body must be of type integer: "string"',
      "spec.progressDeadlineSeconds: Invalid value: 0: spec.progressDeadlineSeconds in body should be greater than or equal to 1",
      'spec.replicas: Invalid value: "number": spec.replicas in body must be of type integer: "number"',
      "spec.resources.affinity: Invalid value: \"a\": spec.resources.affinity in body should match '^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$'",
      'spec.resources.limits.cpu: Invalid value: "boolean": spec.resources.limits.cpu in body must be of type integer,number,string: "boolean"',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.restartedAt: Invalid value: "yesterday": spec.restartedAt in body must be of type date-time: "yesterday"',
      "spec.revisionHistoryLimit: Invalid value: 101: spec.revisionHistoryLimit in body should be less than or equal to 100",
      "spec.successExitCodes: Invalid value: []: spec.successExitCodes in body should have at least 1 items",
    ]);
  });

  it("name the value that was meant", () => {
    const [cause] = causesOf(() => specOf({ command: "/bin/true", logs: { encoding: "utf8" } }));
    assert.match(cause!, /^spec\.logs\.encoding: Unsupported value: "utf8": .*\(did you mean "UTF-8"\?\)$/);
    const [other] = causesOf(() => specOf({ command: "/bin/true", logs: { encoding: "windows-1525" } }));
    assert.match(other!, /\(did you mean "windows-125\d"\?\)$/);
  });

  it("are no more than a person reads, and do not repeat what is long", () => {
    assert.equal(causesOf(() => specOf({ args: Array(1_000).fill(1) })).length, 100);
    const [cause = ""] = causesOf(() => specOf({ restartPolicy: "x".repeat(100_000) }));
    assert.ok(cause.length < 1_000);
    const key = "k".repeat(100_000);
    const [label = ""] = causesOf(() => admit(process("web", {}, { labels: { [key]: 1 } })));
    assert.ok(label.length < 1_500);
    const { warnings } = admit({ ...process("web"), [key]: 1 });
    assert.ok((warnings[0] ?? "").length < 500);
  });

  it("duplicates in lists that are maps or sets, also after defaulting", () => {
    assert.deepEqual(
      causesOf(() => specOf({ env: [{ name: "A" }, { name: "B" }, { name: "A" }] })),
      ['spec.env[2]: Duplicate value: {"name":"A"}'],
    );
    assert.deepEqual(
      causesOf(() => admit(process("web", {}, { finalizers: ["a/b", "a/b"] }))),
      ['metadata.finalizers[1]: Duplicate value: "a/b"'],
    );
    const env = Array.from({ length: 1_000 }, () => ({ name: "A" }));
    assert.equal(causesOf(() => specOf({ env })).length, 100, "of so many the rest is not told");
  });

  it("in metadata and status are found as well", () => {
    assert.deepEqual(
      causesOf(() => admit(process("web", {}, { labels: { a: 1 } }))),
      [
        'metadata.labels.a: Invalid value: "integer": metadata.labels.a in body must be of type string: "integer"; put it in quotes: "1"',
      ],
    );
    const body = { status: { replicas: "1" } };
    assert.deepEqual(
      causesOf(() => admitStatus(kindNamed("Process"), "web", body, {})),
      ['status.replicas: Invalid value: "string": status.replicas in body must be of type integer: "string"'],
    );
  });
});

describe("every kind", () => {
  it("has a schema that admits its smallest Object", () => {
    for (const resource of scheme) {
      const body = {
        ...instance("a"),
        ...process("a"),
        involvedObject: {},
        revision: 1,
        data: {},
        roleRef: { kind: "ClusterRole", name: "view" },
        kind: resource.kind,
      };
      const specs = new Map<string, unknown>([
        ["Instance", instance("a").spec],
        ["GitSource", { url: "https://git.example.com/x.git" }],
      ]);
      const spec = (specs.get(resource.kind) ?? (resource.group ? body.spec : {})) as object;
      assert.equal(admit({ ...body, spec }, resource).metadata.name, "a", resource.kind);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../../../api/object.ts";
import { checkObject } from "../../../apiserver/registry/check-object.ts";
import { object, process } from "../fixtures.ts";

const check = (body: unknown) => checkObject(body as KubeObject)!;
const inDefault = { namespace: "default" };

/** All that is wrong, as `field reason`; BadRequest with its message first. */
function faultsOf(body: unknown): string[] {
  const { refusal } = check(body);
  if (!refusal) return [];
  const causes = (refusal.details?.causes ?? []).map(
    ({ field, reason }) => `${field} ${reason?.replace("FieldValue", "")}`,
  );
  return [...(refusal.reason === "Invalid" ? [] : [refusal.message]), ...causes].sort();
}
const ofSpec = (spec: object): string[] => faultsOf(process("web", { command: "/bin/web", ...spec }, inDefault));

describe("what a server would say of a new object", () => {
  it("is all of it at once: what the schema says, what the rules say, and of its metadata", () => {
    const spec = {
      command: "run.bat",
      replicas: "2",
      env: [{ name: "A=B" }, { name: 1 }, { name: "WCTL_X", value: true }],
      readinessProbe: { periodSeconds: 0, httpGet: { port: 70_000 } },
      dependsOn: [{ name: "web" }, { name: "Not OK" }],
    };
    assert.deepEqual(faultsOf(process("My_Web", spec, { ...inDefault, labels: { a: 1, "b c": "x" } })), [
      "metadata.labels Invalid",
      "metadata.labels.a TypeInvalid",
      "metadata.name Invalid",
      "spec.command Invalid",
      "spec.dependsOn[1].name Invalid",
      "spec.env[0].name Invalid",
      "spec.env[1].name TypeInvalid",
      "spec.env[2].name Invalid",
      "spec.env[2].value TypeInvalid",
      "spec.readinessProbe.httpGet.port Invalid",
      "spec.readinessProbe.periodSeconds Invalid",
      "spec.replicas TypeInvalid",
    ]);
  });

  it("has unknown fields and all the rest in one answer", () => {
    const { refusal } = check(process("web", { comand: "/bin/web", replicas: -1 }, inDefault));
    assert.equal(refusal?.reason, "BadRequest");
    assert.match(
      refusal?.message ?? "",
      /strict decoding error: unknown field "spec.comand" \(did you mean "command"\?\)$/,
    );
    assert.deepEqual(
      refusal?.details?.causes?.map(({ field }) => field),
      ["spec.replicas"],
    );
  });

  it("says nothing that is so only because something else does not fit", () => {
    for (const [spec, ...expected] of [
      [{ readinessProbe: { httpGet: "x" } }, "spec.readinessProbe.httpGet TypeInvalid"],
      [{ backoff: { initialSeconds: "1", maxSeconds: 5 } }, "spec.backoff.initialSeconds TypeInvalid"],
      [
        { ports: [{ name: 1 }, { port: 80 }], readinessProbe: { tcpSocket: { port: "http" } } },
        "spec.ports[0].name TypeInvalid",
        "spec.ports[1].name Required",
      ],
      [
        { env: [{ name: 1 }, { name: 2 }, { value: "x" }] },
        "spec.env[0].name TypeInvalid",
        "spec.env[1].name TypeInvalid",
        "spec.env[2].name Required",
      ],
      [{ env: [{ name: "A" }, { name: 1 }, { name: "A" }] }, "spec.env[1].name TypeInvalid", "spec.env[2] Duplicate"],
      [{ stop: { preStop: { exec: {} } } }, "spec.stop.preStop.exec.command Required"],
      [
        { runAs: { passwordSecretRef: { name: "a" } } },
        "spec.runAs.passwordSecretRef Forbidden",
        "spec.runAs.passwordSecretRef.key Required",
      ],
      [
        { livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "X", valueFrom: 1 }] } } },
        "spec.livenessProbe.httpGet.httpHeaders[0].valueFrom TypeInvalid",
      ],
      [{ env: [{ name: "A", valueFrom: { secretKeyRef: 1 } }] }, "spec.env[0].valueFrom.secretKeyRef TypeInvalid"],
    ] as [object, ...string[]][]) {
      assert.deepEqual(ofSpec(spec), expected.sort(), JSON.stringify(spec));
    }
    const { refusal } = check(process("web", { command: 1, ports: [{}] }, inDefault));
    assert.doesNotMatch(JSON.stringify(refusal?.toStatus()), /stand-in/);
  });

  it("goes on where a whole part is missing, and never past what no body may be", () => {
    assert.deepEqual(faultsOf({ ...process("A", {}, inDefault), spec: undefined }), [
      "metadata.name Invalid",
      "spec Required",
    ]);
    assert.deepEqual(faultsOf({ ...process("A", {}, inDefault), spec: [] }), [
      "metadata.name Invalid",
      "spec TypeInvalid",
    ]);
    assert.match(faultsOf(process("web", { x: 1e300 }, inDefault))[0]!, /a number is too large/);
    assert.deepEqual(ofSpec({ args: Array(1_000).fill(1), command: "a.bat" }).length, 100);
  });

  it("is told of each kind; a Secret's values are not", () => {
    const secret = object("Secret", "db", { data: { "a b": "eA==", c: "not base64!" } });
    const { refusal } = check({ ...secret, metadata: { name: "db", ...inDefault } });
    assert.deepEqual(
      refusal?.details?.causes?.map(({ field }) => field),
      ["data.c", "data[a b]"],
    );
    assert.doesNotMatch(JSON.stringify(refusal?.toStatus()), /not base64!|eA==/);
  });

  it("has warnings when nothing is wrong", () => {
    assert.deepEqual(check(process("web", { command: "web" }, inDefault)), { warnings: [] });
    assert.match(check(process("web", { command: "web --port 1" }, inDefault)).warnings[0]!, /^spec\.command: /);
    assert.equal(checkObject({ ...process("web"), kind: "Ghost" } as unknown as KubeObject), undefined);
  });
});

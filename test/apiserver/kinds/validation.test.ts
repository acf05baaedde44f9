import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../../../api/object.ts";
import { validateCreate, validateUpdate } from "../../../apiserver/kinds/validation.ts";
import type { FieldError } from "../../../apiserver/validation/field-error.ts";
import { instance, kindNamed, object, process } from "../fixtures.ts";

const objectCauses = (next: KubeObject): FieldError[] => validateCreate(kindNamed(next.kind), next);
const updateCauses = (current: KubeObject, next: KubeObject): FieldError[] =>
  validateUpdate(kindNamed(next.kind), current, next);

/** What is wrong: `field reason`, the reason without its prefix. */
const faults = (body: unknown): string[] =>
  objectCauses(body as KubeObject).map(({ field, reason }) => `${field} ${reason.replace("FieldValue", "")}`);
const ofSpec = (spec: Record<string, unknown>): string[] => faults(process("web", spec));

/** Each spec with what is wrong in it. */
function table(cases: readonly [Record<string, unknown>, ...string[]][]): void {
  for (const [spec, ...expected] of cases) assert.deepEqual(ofSpec(spec), expected, JSON.stringify(spec));
}

describe("the rules of a Process", () => {
  it("command: an absolute path or a bare name, on either platform", () => {
    for (const command of [
      "/opt/app",
      "node",
      "node.exe",
      "C:\\Program Files\\app.exe",
      "c:/app/app.exe",
      "cmd.exe",
      "batch",
      "my.bat.exe",
      "é",
      "a b",
    ]) {
      assert.deepEqual(ofSpec({ command }), [], command);
    }
    for (const command of [
      "./app",
      "bin/app",
      "..\\app.exe",
      "C:app.exe",
      "\\app.exe",
      "\\\\host\\share\\app.exe",
      "//host/share/app",
      "\\\\?\\C:\\app.exe",
      "\\\\.\\pipe\\x",
      "a\u0000b",
      "a\nb",
      ".",
      "..",
      " ",
      "app.exe:stream",
      "C:\\app.exe:stream",
      "C:\\run.bat\\.",
      "C:\\run.bat\\x\\..",
      "C:\\run.bat\\",
      "/opt/run.cmd/x/.. ",
      "/opt//app",
      "/",
      "C:\\t\\NUL.exe",
      "C:\\nul\\app.exe",
      "c:/t/com1.log",
      "C:\\t\\con",
      "C:\\t\\app.exe.",
      "C:\\t \\app.exe",
      "C:\\t\\a?.exe",
      'C:\\t\\"app.exe"',
      "nul",
      "LPT1.exe",
    ]) {
      assert.deepEqual(ofSpec({ command }), ["spec.command Invalid"], JSON.stringify(command));
    }
  });

  it("no batch file, in no spelling, and the message names the way out", () => {
    const stems = ["run", "C:\\apps\\run", "/opt/run", "C:run", "a.exe/run", '"run', "\\\\?\\C:\\run"];
    const kinds = [".bat", ".cmd", ".BAT", ".Cmd"];
    const tails = ["", ".", "...", " ", ". .", "::$DATA", "::$data", ":x", " ::$DATA", '"', ".\u00a0"];
    let spellings = 0;
    for (const stem of stems) {
      for (const kind of kinds) {
        for (const tail of tails) {
          const [cause] = objectCauses(process("web", { command: stem + kind + tail }));
          assert.match(cause?.message ?? "", /cmd\.exe \/d \/s \/c/, JSON.stringify(stem + kind + tail));
          spellings++;
        }
      }
    }
    assert.ok(spellings >= 200);
    const exec = { exec: { command: ["x.bat"] } };
    table([
      [
        { livenessProbe: exec, stop: { preStop: exec } },
        "spec.livenessProbe.exec.command[0] Invalid",
        "spec.stop.preStop.exec.command[0] Invalid",
      ],
    ]);
  });

  it("arguments and directories hold no control characters; arguments may have lines", () => {
    table([
      [{ args: ["a\nb\tc\r\n", ""] }],
      [{ args: ["ok", "a\u0000b"] }, "spec.args[1] Invalid"],
      [{ args: ["\u001b[31m"] }, "spec.args[0] Invalid"],
      [{ workingDir: "/srv" }],
      [{ workingDir: "D:\\srv" }],
      [{ workingDir: "D:\\srv\\" }],
      [{ workingDir: "/srv/con/a?b" }],
      [{ workingDir: "D:\\aux" }, "spec.workingDir Invalid"],
      [{ workingDir: "D:\\srv." }, "spec.workingDir Invalid"],
      [{ workingDir: "srv" }, "spec.workingDir Invalid"],
      [{ workingDir: "D:srv" }, "spec.workingDir Invalid"],
      [{ workingDir: "\\\\host\\share" }, "spec.workingDir Invalid"],
      [{ workingDir: "/srv\nx" }, "spec.workingDir Invalid"],
    ]);
  });

  it("env: names that every platform takes, one source each", () => {
    const ref = { secretKeyRef: { name: "s", key: "k" } };
    table([
      [
        {
          env: [
            { name: "A", value: "x\ny" },
            { name: "B", valueFrom: ref },
            { name: "C D", value: "" },
          ],
        },
      ],
      [{ env: [{ name: "A=B" }] }, "spec.env[0].name Invalid"],
      [{ env: [{ name: "A\u0000" }] }, "spec.env[0].name Invalid"],
      [{ env: [{ name: "wctl_instance_index" }] }, "spec.env[0].name Invalid"],
      [{ env: [{ name: "Path" }, { name: "PATH" }] }, "spec.env[1].name Duplicate"],
      [{ env: [{ name: "A", value: "x\u0000" }] }, "spec.env[0].value Invalid"],
      [{ env: [{ name: "A", value: "x", valueFrom: ref }] }, "spec.env[0].valueFrom Invalid"],
      [{ env: [{ name: "A", valueFrom: {} }] }, "spec.env[0].valueFrom Invalid"],
      [
        { env: [{ name: "A", valueFrom: { ...ref, fieldRef: { fieldPath: "metadata.name" } } }] },
        "spec.env[0].valueFrom Invalid",
      ],
      [
        { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "No", key: "" } } }] },
        "spec.env[0].valueFrom.configMapKeyRef.name Invalid",
        "spec.env[0].valueFrom.configMapKeyRef.key Required",
      ],
      [{ envFrom: [{ configMapRef: { name: "c" }, prefix: "P_" }] }],
      [{ envFrom: [{}] }, "spec.envFrom[0] Invalid"],
      [{ envFrom: [{ configMapRef: { name: "c" }, secretRef: { name: "s" } }] }, "spec.envFrom[0] Forbidden"],
      [
        { envFrom: [{ secretRef: { name: "" }, prefix: "=" }] },
        "spec.envFrom[0].prefix Invalid",
        "spec.envFrom[0].secretRef.name Required",
      ],
    ]);
    const [cause] = objectCauses(process("web", { env: [{ name: "A", value: "hunter2\u0000" }] }));
    assert.doesNotMatch(JSON.stringify(cause), /hunter2/);
  });

  it("probes: exactly one handler, liveness and startup succeed at once", () => {
    const tcpSocket = { port: 1 };
    const secretKeyRef = { name: "s", key: "k" };
    const headers = (httpHeaders: object[], ...causes: string[]): [Record<string, unknown>, ...string[]] => [
      { livenessProbe: { httpGet: { port: 1, httpHeaders } } },
      ...causes.map((cause) => `spec.livenessProbe.httpGet.httpHeaders${cause}`),
    ];
    table([
      [
        {
          startupProbe: { tcpSocket },
          readinessProbe: { tcpSocket, successThreshold: 3 },
          livenessProbe: { tcpSocket, timeoutSeconds: 99 },
        },
      ],
      [{ livenessProbe: {} }, "spec.livenessProbe Required"],
      [{ readinessProbe: { tcpSocket, exec: { command: ["a"] } } }, "spec.readinessProbe.exec Forbidden"],
      [{ livenessProbe: { tcpSocket, successThreshold: 2 } }, "spec.livenessProbe.successThreshold Invalid"],
      [{ startupProbe: { tcpSocket, successThreshold: 2 } }, "spec.startupProbe.successThreshold Invalid"],
      [
        { livenessProbe: { httpGet: { port: 1, path: "/a\r\nX: y", host: "a b" } } },
        "spec.livenessProbe.httpGet.host Invalid",
        "spec.livenessProbe.httpGet.path Invalid",
      ],
      [
        { livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "X Y", value: "a\nb" }] } } },
        "spec.livenessProbe.httpGet.httpHeaders[0].name Invalid",
        "spec.livenessProbe.httpGet.httpHeaders[0].value Invalid",
      ],
      headers([{ name: "X" }], "[0].value Required"),
      headers([{ name: "X", value: "a", valueFrom: { secretKeyRef } }], "[0].valueFrom Invalid"),
      headers([{ name: "X", valueFrom: {} }], "[0].valueFrom Invalid"),
      headers(
        [{ name: "X", valueFrom: { secretKeyRef: { name: "S", key: "" } } }],
        "[0].valueFrom.secretKeyRef.name Invalid",
        "[0].valueFrom.secretKeyRef.key Required",
      ),
      headers([{ name: "X", valueFrom: { secretKeyRef } }]),
    ]);
  });

  it("stop.signal: a request that a program can answer", () => {
    for (const signal of [
      "CtrlC",
      "CtrlBreak",
      "WmClose",
      "Event",
      "None",
      "SIGTERM",
      "SIGQUIT",
      "SIGWINCH",
      "SIGBREAK",
    ])
      assert.deepEqual(ofSpec({ stop: { signal } }), [], signal);
    for (const signal of ["SIGKILL", "SIGSTOP", "SIGNONSENSE", "SIGTREM", "SIG9", "SIGRTMIN+3"])
      assert.deepEqual(ofSpec({ stop: { signal } }), ["spec.stop.signal Invalid"], signal);
    const message = (signal: string): string => objectCauses(process("web", { stop: { signal } }))[0]?.message ?? "";
    assert.match(message("SIGKILL"), /is not a request.*gracePeriodSeconds 0 ends the tree at once/);
    assert.match(message("SIGTREM"), /did you mean SIGTERM\?/);
  });

  it("resources: quantities that mean something", () => {
    const limits = (limits: object) => ({ resources: { limits } });
    table([
      [limits({ cpu: "500m", memory: "512Mi", processes: 16 })],
      [limits({ cpu: 0.5, memory: 2 ** 30 })],
      [limits({ cpu: 0 }), "spec.resources.limits.cpu Invalid"],
      [limits({ cpu: "-1" }), "spec.resources.limits.cpu Invalid"],
      [limits({ cpu: "fast" }), "spec.resources.limits.cpu Invalid"],
      [
        limits({ cpu: 1025, memory: "2Pi" }),
        "spec.resources.limits.cpu Invalid",
        "spec.resources.limits.memory Invalid",
      ],
      [{ logs: { maxSize: "2Ti" } }, "spec.logs.maxSize Invalid"],
      [limits({ memory: 512 }), "spec.resources.limits.memory Invalid"],
      [limits({ memory: "512mb" }), "spec.resources.limits.memory Invalid"],
      [{ resources: { affinity: "0-3,5" } }],
      [{ resources: { affinity: "3-0" } }, "spec.resources.affinity Invalid"],
      [{ resources: { affinity: "1024" } }, "spec.resources.affinity Invalid"],
      [{ logs: { maxSize: "64Ki" } }],
      [{ logs: { maxSize: "1Ki" } }, "spec.logs.maxSize Invalid"],
      [{ logs: { maxSize: "1Mi", maxTotalSize: "1Mi", maxAgeSeconds: 60 } }],
      [{ logs: { maxSize: "1Mi", maxTotalSize: "1000Ki" } }, "spec.logs.maxTotalSize Invalid"],
      [{ logs: { maxSize: "1Mi", maxTotalSize: "1500Ki", stderr: "Separate" } }, "spec.logs.maxTotalSize Invalid"],
      [{ logs: { maxTotalSize: "2Ti" } }, "spec.logs.maxTotalSize Invalid"],
      [{ logs: { maxTotalSize: "much" } }, "spec.logs.maxTotalSize Invalid"],
    ]);
  });

  it("rollout, restart and order", () => {
    const rolling = (rollingUpdate: object, type = "RollingUpdate") => ({ strategy: { type, rollingUpdate } });
    const at = "spec.strategy.rollingUpdate";
    table([
      [rolling({ maxUnavailable: "25%", maxSurge: 1 })],
      [rolling({ maxUnavailable: 0, maxSurge: "0%" }), `${at}.maxUnavailable Invalid`],
      [rolling({ maxUnavailable: "101%" }), `${at}.maxUnavailable Invalid`],
      [rolling({ maxUnavailable: -1, maxSurge: "x" }), `${at}.maxUnavailable Invalid`, `${at}.maxSurge Invalid`],
      [rolling({}, "Recreate"), `${at} Forbidden`],
      [{ minReadySeconds: 600, progressDeadlineSeconds: 600 }, "spec.progressDeadlineSeconds Invalid"],
      [{ backoff: { initialSeconds: 10, maxSeconds: 5 } }, "spec.backoff.maxSeconds Invalid"],
      [{ successExitCodes: [0, 1, 0] }, "spec.successExitCodes[2] Duplicate"],
      [
        { dependsOn: [{ name: "db" }, { name: "web" }, { name: "D B" }] },
        "spec.dependsOn[1].name Invalid",
        "spec.dependsOn[2].name Invalid",
      ],
    ]);
  });
});

describe("the rules of the other kinds", () => {
  it("an Instance is a template with a place", () => {
    assert.deepEqual(faults(instance("web-0")), []);
    const body = instance("web-0");
    body.spec = {
      command: "a.bat",
      nodeName: "No Node",
      index: 0,
      revision: "",
      dependsOn: [{ name: "web" }],
      processName: "web",
    };
    assert.deepEqual(faults(body), [
      "spec.command Invalid",
      "spec.dependsOn[0].name Invalid",
      "spec.nodeName Invalid",
      "spec.revision Required",
    ]);
  });

  it("Secrets and ConfigMaps: keys, size, what their type needs", () => {
    const big = "x".repeat(1024 * 1024 + 1);
    const cases: [string, object, ...string[]][] = [
      ["Secret", { data: { "a.b-c_D": "eA==" } }],
      ["Secret", { data: { "a b": "eA==", "..": "" } }, "data[a b] Invalid", "data[..] Invalid"],
      ["Secret", { data: { a: Buffer.from(big).toString("base64") } }, "data TooLong"],
      ["Secret", { type: "kubernetes.io/tls", data: { "tls.crt": "" } }, "data[tls.key] Required"],
      ["Secret", { type: "kubernetes.io/dockercfg" }, "data[.dockercfg] Required"],
      [
        "Secret",
        { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "W10=" } },
        "data[.dockerconfigjson] Invalid",
      ],
      ["ConfigMap", { data: { a: "1" }, binaryData: { b: "eA==" } }],
      ["ConfigMap", { data: { a: "1" }, binaryData: { a: "eA==" } }, "data[a] Invalid"],
      ["ConfigMap", { data: { a: big } }, "data TooLong"],
      ["Event", { involvedObject: { namespace: "other" } }, "involvedObject.namespace Invalid"],
      ["Event", { involvedObject: { namespace: "default" } }],
    ];
    for (const [kind, fields, ...expected] of cases) assert.deepEqual(faults(object(kind, "x", fields)), expected);
  });

  it("Events: about what has no namespace in the namespace default alone", () => {
    const told = (namespace: string) => {
      const about = object("Event", "x", { involvedObject: { kind: "Node", name: "here", apiVersion: "v1" } });
      return faults({ ...about, metadata: { name: "x", namespace } });
    };
    assert.deepEqual([told("default"), told("other")], [[], ["involvedObject.namespace Invalid"]]);
  });
});

describe("the rules of a ControllerRevision", () => {
  const record = (fields: object): KubeObject =>
    ({ apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "web-a" }, ...fields }) as KubeObject;
  const kept = record({ revision: 1, data: { spec: { command: "/bin/a" } } });

  it("something must be kept, and it is never changed; its number may be", () => {
    assert.deepEqual(faults(kept), []);
    assert.deepEqual(faults(record({ revision: 1 })), ["data Required"]);
    assert.deepEqual(updateCauses(kept, { ...kept, revision: 7 } as KubeObject), []);
    const [cause] = updateCauses(kept, record({ revision: 1, data: { spec: { command: "/bin/secret" } } }));
    assert.equal(cause?.field, "data");
    assert.doesNotMatch(cause!.message, /secret/, "what is kept may hold secrets");
  });
});

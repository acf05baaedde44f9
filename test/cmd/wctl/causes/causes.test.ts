import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance, InstanceStatus, Process, ProcessStatus } from "../../../../api/types.generated.ts";
import { causeOfEnd, causeOfInstance, causeOfProcess, groupCauses } from "../../../../cmd/wctl/causes/causes.ts";

const at = "2030-01-01T00:00:00Z";
const metadata = { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: at };
const copy = (status: InstanceStatus): Stored<Instance> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata,
  spec: { command: "/bin/web", nodeName: "n", index: 0, revision: "r", processName: "web" },
  status,
});
const waits = (reason: string, message = "said by the runtime"): InstanceStatus => ({
  phase: "Backoff",
  state: { waiting: { reason, message } },
});
type Terminated = NonNullable<NonNullable<InstanceStatus["state"]>["terminated"]>;
const ended = (terminated: Terminated): InstanceStatus => ({
  phase: "Backoff",
  state: { waiting: { reason: "CrashLoopBackOff" } },
  lastState: { terminated },
});
const unready = (reason: string, message: string): InstanceStatus => ({
  phase: "Running",
  ready: false,
  state: { running: { startedAt: at } },
  conditions: [{ type: "Ready", status: "False", reason, message, lastTransitionTime: at }],
});

/** What was observed, what the program wrote last, and what is told: reason, message, advice. */
const table: [InstanceStatus, string, string, RegExp, RegExp][] = [
  [waits("CommandNotFound"), "", "CommandNotFound", /said by the runtime/, /spec\.command/],
  [waits("NotExecutable"), "", "NotExecutable", /said by/, /executable/],
  [waits("ScriptRefused"), "", "ScriptRefused", /said by/, /cmd\.exe/],
  [waits("WorkingDirNotFound"), "", "WorkingDirNotFound", /said by/, /spec\.workingDir/],
  [waits("CreateConfigError"), "", "CreateConfigError", /said by/, /create what it refers to/],
  [waits("AccountNotFound"), "", "AccountNotFound", /said by/, /spec\.runAs/],
  [waits("AccountNotAllowed"), "", "AccountNotAllowed", /said by/, /spec\.runAs/],
  [waits("LogonFailed"), "", "LogonFailed", /said by/, /password/],
  [waits("AccessDenied"), "", "AccessDenied", /said by/, /account/],
  [
    waits("AccessDenied", "the file a can't be written: conf is a link, or no folder: remove it"),
    "",
    "AccessDenied",
    /conf is a link/,
    /spec\.files/,
  ],
  [waits("AccessDenied", "envFile[0] (/a) can't be read: no"), "", "AccessDenied", /envFile/, /spec\.envFile/],
  [waits("PortInUse"), "", "PortInUse", /said by/, /port/],
  [waits("InvalidArgument"), "", "InvalidArgument", /said by/, /field/],
  [waits("AlreadyRunning"), "", "AlreadyRunning", /said by/, /tree/],
  [waits("SystemError"), "", "SystemError", /said by/, /log of the daemon/],
  [waits("SystemError", "write: ENOSPC: no space left on device"), "", "SystemError", /ENOSPC/, /disk is full/],
  [waits("OfALaterVersion"), "", "OfALaterVersion", /said by/, /^$/],
  [ended({ reason: "OOMKilled", signal: "SIGKILL" }), "", "OOMKilled", /memory limit/, /limits\.memory/],
  [
    ended({ reason: "LivenessFailed", message: "because: refused" }),
    "",
    "LivenessFailed",
    /because: refused/,
    /livenessProbe/,
  ],
  [
    ended({ reason: "StartupFailed", message: "because: refused" }),
    "",
    "StartupFailed",
    /because: refused/,
    /startupProbe/,
  ],
  [ended({ reason: "Error", exitCode: 3 }), "boom", "Error", /^exited with code 3$/, /wctl logs/],
  [
    ended({ reason: "Error", exitCode: 1 }),
    "Error: listen EADDRINUSE: 8080",
    "Error",
    /code 1; .*port is taken/,
    /ss -ltnp/,
  ],
  [
    ended({ reason: "Error", exitCode: 1 }),
    "write: No space left on device",
    "Error",
    /code 1; .*disk is full/,
    /room/,
  ],
  [
    ended({ reason: "Error", exitCode: 1, message: "the disk of its home was full" }),
    "",
    "Error",
    /code 1: the disk of its home was full/,
    /room/,
  ],
  [ended({ reason: "CommandNotFound", exitCode: 127 }), "", "CommandNotFound", /code 127/, /PATH/],
  [ended({ reason: "CommandNotExecutable", exitCode: 126 }), "", "CommandNotExecutable", /code 126/, /executable/],
  [
    ended({
      reason: "DllNotFound",
      exitCode: 3221225781,
      exitCodeHex: "0xC0000135",
      message: "a library was not found",
    }),
    "",
    "DllNotFound",
    /^exited with code 0xC0000135 \(DllNotFound\): a library was not found$/,
    /library/,
  ],
  [
    ended({ reason: "AccessViolation", exitCode: 3221225477, exitCodeHex: "0xC0000005" }),
    "",
    "AccessViolation",
    /0xC0000005/,
    /at fault/,
  ],
  [ended({ reason: "SIGKILL", signal: "SIGKILL" }), "", "SIGKILL", /ended by signal SIGKILL/, /journalctl/],
  [ended({ reason: "SIGSEGV", signal: "SIGSEGV" }), "", "SIGSEGV", /SIGSEGV/, /coredumpctl/],
  [ended({ reason: "SIGHUP", signal: "SIGHUP" }), "", "SIGHUP", /SIGHUP/, /wctl logs/],
  [
    ended({ reason: "Unknown", message: "nobody saw it" }),
    "",
    "Unknown",
    /unknown exit code: nobody saw it/,
    /no daemon ran/,
  ],
  [ended({ reason: "Completed", exitCode: 0 }), "", "Completed", /exited with code 0/, /restartPolicy/],
  [
    { phase: "Failed", state: { terminated: { reason: "Error", exitCode: 2 } } },
    "",
    "Error",
    /exited with code 2/,
    /wctl logs/,
  ],
  [
    unready("NotReady", "its readiness probe fails: HTTP probe failed with statuscode: 503"),
    "",
    "NotReady",
    /503/,
    /answers so/,
  ],
  [
    unready("NotReady", "its readiness probe fails: connect: connection refused"),
    "",
    "NotReady",
    /refused/,
    /nothing listens/,
  ],
  [unready("NotReady", "8080 is answered by pid 7 (x), not by this instance"), "", "NotReady", /pid 7/, /another port/],
  [unready("NotReady", "its readiness probe cannot be asked: no /x"), "", "NotReady", /\/x/, /readinessProbe/],
  [unready("Starting", "its startup probe cannot be asked: no /x"), "", "Starting", /\/x/, /startupProbe/],
  [unready("Starting", "its startup probe fails: refused"), "", "Starting", /refused/, /failureThreshold/],
  [unready("NotReady", "its readiness probe has not succeeded yet"), "", "NotReady", /not succeeded/, /not been asked/],
  [unready("StopFailed", "pid 7 survives"), "", "StopFailed", /pid 7/, /survives every kill/],
];

describe("the cause of a copy", () => {
  for (const [status, wrote, reason, message, advice] of table) {
    it(`is ${reason}: ${message.source}${wrote ? ` when it wrote "${wrote}"` : ""}`, () => {
      const cause = causeOfInstance({ instance: copy(status), output: wrote ? [wrote] : [] });
      assert.equal(cause?.reason, reason);
      assert.match(cause.message, message);
      assert.match(cause.advice, advice);
    });
  }

  it("is none while it is as wanted, on its way, or finished", () => {
    const fine: InstanceStatus[] = [
      {},
      { phase: "Ready", ready: true, state: { running: { startedAt: at } } },
      { phase: "Pending", state: { waiting: { reason: "NotStarted" } } },
      { phase: "Succeeded", state: { terminated: { reason: "Completed", exitCode: 0 } } },
      { phase: "Stopping", state: { terminated: { reason: "Deleted" } } },
      { phase: "Pending", state: { terminated: { reason: "DaemonStopped" } } },
      { phase: "Stopped", state: { waiting: { reason: "Suspended" } } },
      { phase: "Stopped", state: { terminated: { reason: "Suspended" } } },
    ];
    for (const status of fine) assert.equal(causeOfInstance({ instance: copy(status), output: [] }), undefined);
    assert.equal(causeOfEnd({ instance: copy({}), output: [] }), undefined);
  });

  it("is told once of all copies that share it", () => {
    const cause = { reason: "Error", message: "exited with code 1", advice: "" };
    const other = { ...cause, message: "exited with code 2" };
    const instance = copy({});
    const groups = groupCauses([cause, other, cause].map((one) => ({ instance, cause: one })));
    assert.deepEqual(
      groups.map(({ names, cause: { message } }) => [names.length, message]),
      [
        [2, "exited with code 1"],
        [1, "exited with code 2"],
      ],
    );
  });
});

describe("the cause of a process", () => {
  const process = (status: ProcessStatus): Stored<Process> => ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { ...metadata, name: "web" },
    spec: { command: "/bin/web" },
    status,
  });

  for (const rule of ["DependencyFailed", "DependencyCycle", "WaitingForDependency", "NameTaken", "Paused"]) {
    it(`is the rule that holds it up: ${rule}`, () => {
      const cause = causeOfProcess(process({ decision: { rule, message: "db failed", time: at } }));
      assert.deepEqual([cause?.reason, cause?.message], [rule, "db failed"]);
      assert.notEqual(cause?.advice, "");
    });
  }

  it("is what the API refused", () => {
    const degraded = {
      type: "Degraded",
      status: "True",
      reason: "StepRefused",
      message: "no",
      lastTransitionTime: at,
    } as const;
    const decision = { rule: "CreateInstances", message: "creating web-0", time: at };
    assert.equal(causeOfProcess(process({ decision, conditions: [degraded] }))?.message, "no");
  });

  for (const reason of ["RolledBack", "RollbackFailed"]) {
    it(`is that the rollout was given up: ${reason}`, () => {
      const decision = { rule: "AsDesired", message: "", time: at };
      const conditions = [
        { type: "Progressing", status: "False" as const, reason, message: "a to b", lastTransitionTime: at },
      ];
      const cause = causeOfProcess(process({ decision, conditions }));
      assert.deepEqual([cause?.reason, cause?.message], [reason, "a to b"]);
      assert.match(cause!.advice, /wctl (rollout undo|restart) process\/NAME/);
    });
  }

  it("of a copy that is ready is that it could not be told of new content", () => {
    const said = { reason: "ReloadFailed", message: "reload ended with 3", lastTransitionTime: at };
    const status = (word: "True" | "False"): InstanceStatus => ({
      phase: "Ready",
      ready: true,
      state: { running: { startedAt: at } },
      conditions: [{ type: "ContentCurrent", status: word, ...said }],
    });
    assert.equal(causeOfInstance({ instance: copy(status("False")), output: [] })?.message, "reload ended with 3");
    assert.equal(causeOfInstance({ instance: copy(status("True")), output: [] }), undefined);
  });

  it("is content that the copies do not have, when nothing else holds it up", () => {
    const content = { key: "k", template: "t", digests: {}, first: "f", outdated: 'key "A" of configmap "m"' };
    const cause = causeOfProcess(process({ content, decision: { rule: "AsDesired", message: "", time: at } }));
    assert.deepEqual(
      [cause?.reason, cause?.message],
      [
        "OutdatedContent",
        'key "A" of configmap "m" changed since the copies were made (spec.configChange.action is None)',
      ],
    );
    assert.match(cause!.advice, /wctl restart/);
  });

  it("is none when only its copies can tell", () => {
    assert.equal(causeOfProcess(process({ decision: { rule: "AsDesired", message: "", time: at } })), undefined);
    assert.equal(causeOfProcess(process({})), undefined);
  });
});

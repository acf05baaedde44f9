/** Every field of a Process, each on real processes through the built executable. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually, isAlive } from "./daemon-under-test.ts";

describe("fields of a Process", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  /** A Process of these spec lines (YAML, two spaces deep). */
  const create = (name: string, spec: string, more = ""): Promise<string> =>
    daemon.apply(
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n${spec.replace(/^/gm, "  ")}\n${more}`,
    );
  const sh = (script: string): string => `command: /bin/sh\nargs: [-c, ${JSON.stringify(script)}]\n`;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  const instance = async (name: string): Promise<any> => daemon.json("instance", name);
  const process = (name: string) => daemon.json("process", name);
  /** Waits until the instance's status satisfies. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  const when = (name: string, test: (status: any) => unknown, what = test.toString()): Promise<any> =>
    eventually(`${name}: ${what}`, async () => {
      const found = await instance(name);
      return test(found.status ?? {}) ? found.status : undefined;
    });
  const logs = (name: string, ...args: string[]): Promise<string> => daemon.ok("logs", `instance/${name}`, ...args);
  /** Waits for the words in the output and gives all of it. */
  const output = (name: string, wanted: RegExp): Promise<string> =>
    eventually(`${name} to print ${wanted}`, async () => {
      const text = await logs(name);
      return wanted.test(text) ? text : undefined;
    });

  it("command, args: handed over as they are, no shell", async () => {
    await create(
      "args",
      `command: /usr/bin/printf\nargs: ["[%s]\\\\n", "$(id) ;&|", "a  b", "", "*", "%PATH%", "'\\"'", "ü"]\nrestartPolicy: Never`,
    );
    assert.equal(await output("args-0", /ü/), `[$(id) ;&|]\n[a  b]\n[]\n[*]\n[%PATH%]\n['"']\n[ü]\n`);
  });

  it("command: a bare name is looked up in the documented search path", async () => {
    await create("bare", `command: printf\nargs: [found]\nrestartPolicy: Never`);
    await output("bare-0", /found/);
  });

  it("workingDir", async () => {
    const dir = join(daemon.dir, "a dir");
    mkdirSync(dir);
    await create("cwd", `command: /bin/pwd\nworkingDir: ${JSON.stringify(dir)}\nrestartPolicy: Never`);
    assert.equal(await output("cwd-0", /dir/), `${dir}\n`);
  });

  it("env, envFrom, valueFrom: resolved; nothing of the daemon's own", async () => {
    const more = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {FROM_MAP: m1, OTHER: m2}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: env}\nstringData: {key: s3cr3t}\n`;
    await create(
      "env",
      `command: /usr/bin/env
restartPolicy: Never
envFrom: [{configMapRef: {name: env}, prefix: P_}]
env:
  - {name: PLAIN, value: "a=b c"}
  - {name: REFERS, value: "<$(PLAIN)>"}
  - {name: ONE, valueFrom: {configMapKeyRef: {name: env, key: OTHER}}}
  - {name: TOKEN, valueFrom: {secretKeyRef: {name: env, key: key}}}
  - {name: MAYBE, valueFrom: {secretKeyRef: {name: none, key: key, optional: true}}}
  - {name: SELF, valueFrom: {fieldRef: {fieldPath: metadata.name}}}`,
      more,
    );
    const lines = new Set((await output("env-0", /WCTL_INSTANCE_INDEX/)).trimEnd().split("\n"));
    for (const line of [
      "PLAIN=a=b c",
      "REFERS=<a=b c>",
      "P_FROM_MAP=m1",
      "P_OTHER=m2",
      "ONE=m2",
      "TOKEN=s3cr3t",
      "SELF=env-0",
      "WCTL_INSTANCE_INDEX=0",
    ]) {
      assert.ok(lines.has(line), `${line} in ${[...lines]}`);
    }
    assert.ok(![...lines].some((line) => /^MAYBE=|CANARY_OF_THE_DAEMON|^NODE_/.test(line)));
  });

  it("inheritEnvironment: None leaves only what was declared and who it is", async () => {
    await create(
      "bareenv",
      `command: /usr/bin/env\ninheritEnvironment: None\nrestartPolicy: Never\nenv: [{name: ONLY, value: this}]`,
    );
    const names = (await output("bareenv-0", /ONLY/))
      .trimEnd()
      .split("\n")
      .map((line) => line.split("=")[0]);
    assert.ok(!names.includes("PATH") && !names.includes("HOME"));
    assert.deepEqual(
      names.filter((name) => !name?.startsWith("WCTL_")),
      ["ONLY"],
    );
  });

  it("starts clean: umask, descriptors, signals, session", async () => {
    await create(
      "clean",
      `${sh("umask; ls /proc/self/fd | wc -l; grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f6 /proc/$$/stat; echo $$")}restartPolicy: Never`,
    );
    const text = await output("clean-0", /SigIgn[\s\S]*\n\d+\n\d+\n/);
    const [umask, descriptors, blocked, ignored, session, pid] = text.trimEnd().split("\n");
    assert.equal(umask, "0022");
    assert.equal(Number(descriptors), 4, "0, 1, 2 and the folder that ls reads");
    assert.match(`${blocked} ${ignored}`, /^SigBlk:\s0+ SigIgn:\s0+$/);
    assert.equal(session, pid);
  });

  it("replicas and scale; each copy knows its index", async () => {
    await create("copies", `${sh("echo i=$WCTL_INSTANCE_INDEX; exec sleep 1000")}replicas: 3`);
    await output("copies-2", /i=2/);
    await daemon.ok("scale", "process/copies", "--replicas", "1");
    await eventually(
      "one copy",
      async () => (await daemon.json("instances", "-l", "wctl.dev/process=copies")).items.length === 1,
    );
    assert.equal((await instance("copies-0")).spec.index, 0);
  });

  it("strategy RollingUpdate: one at a time, gated on readiness; a broken revision stops", async () => {
    await create("rolling", `${sh("exec sleep 1000")}replicas: 3`);
    await daemon.ok("rollout", "status", "process/rolling", "--timeout", "1h");
    await create("rolling", `command: /does/not/exist\nreplicas: 3\nprogressDeadlineSeconds: 3`);
    const status = await daemon.wctl("rollout", "status", "process/rolling", "--timeout", "1h");
    assert.equal(status.code, 1, status.stdout);
    await eventually("all but one to be as they were", async () => {
      const { items } = await daemon.json("instances", "-l", "wctl.dev/process=rolling");
      return items.filter((one: { status?: { ready?: boolean } }) => one.status?.ready).length === 2;
    });
    const progressing = (await process("rolling")).status.conditions.find(
      (one: { type: string }) => one.type === "Progressing",
    );
    assert.deepEqual([progressing.status, progressing.reason], ["False", "ProgressDeadlineExceeded"]);
  });

  it("strategy RollingUpdate with maxSurge: never below the wanted number", async () => {
    const surge = (n: number) =>
      `${sh(`echo revision ${n}; exec sleep 1000`)}replicas: 2\nstrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}`;
    await create("surge", surge(1));
    await daemon.ok("rollout", "status", "process/surge", "--timeout", "1h");
    await create("surge", surge(2));
    await daemon.ok("rollout", "status", "process/surge", "--timeout", "1h");
    for (const name of ["surge-0", "surge-1"]) await output(name, /revision 2/);
    await eventually(
      "the surge copy is gone",
      async () => (await daemon.json("instances", "-l", "wctl.dev/process=surge")).items.length === 2,
    );
  });

  it("strategy Recreate: all old copies end before a new one begins", async () => {
    const ledger = join(daemon.dir, "recreate");
    const program = (n: number) =>
      `${sh(`trap 'echo - >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & echo + >> ${ledger}; wait # ${n}`)}replicas: 2\nstrategy: {type: Recreate}`;
    const told = (wanted: string): Promise<true | undefined> =>
      eventually(`the ledger to be ${wanted}`, () => readFileSync(ledger, "utf8").replaceAll("\n", "") === wanted);
    await create("recreate", program(1));
    await told("++");
    await daemon.ok("rollout", "status", "process/recreate", "--timeout", "1h");
    await create("recreate", program(2));
    await daemon.ok("rollout", "status", "process/recreate", "--timeout", "1h");
    await told("++--++");
  });

  it("minReadySeconds: ready is not yet available", async () => {
    await create("patient", `${sh("exec sleep 1000")}minReadySeconds: 500`);
    await when("patient-0", (status) => status.ready);
    const { status } = await eventually("counted as ready", async () => {
      const found = await process("patient");
      return found.status?.readyReplicas === 1 ? found : undefined;
    });
    assert.equal(status.availableReplicas ?? 0, 0);
  });

  it("paused: no rollout, scaling works", async () => {
    await create("paused", `${sh("exec sleep 1000")}paused: false`);
    const before = await when("paused-0", (status) => status.ready);
    await create("paused", `${sh("exec sleep 2000")}paused: true\nreplicas: 2`);
    await when("paused-1", (status) => status.ready);
    assert.equal((await instance("paused-0")).status.pid, before.pid);
    await create("paused", `${sh("exec sleep 2000")}paused: false\nreplicas: 2`);
    await when("paused-0", (status) => status.ready && status.pid !== before.pid);
  });

  it("revisionHistoryLimit: templates are kept, numbered anew when they come back, and the oldest go", async () => {
    const roll = async (seconds: number, limit: number): Promise<void> => {
      await create("history", `${sh(`exec sleep ${seconds}`)}revisionHistoryLimit: ${limit}`);
      await daemon.ok("rollout", "status", "process/history", "--timeout", "1h");
    };
    /** `1 1000, 2 2000`: number and argument, oldest first. */
    const kept = (wanted: string): Promise<string> =>
      eventually(`the history to be ${wanted}`, async () => {
        const selection = ["-l", "wctl.dev/process=history", "--sort-by={.revision}"];
        const { items } = JSON.parse(await daemon.ok("get", "controllerrevisions", ...selection, "-o", "json"));
        const found = items.map(
          // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
          ({ revision, data }: any) => `${revision} ${/sleep (\d+)/.exec(data.spec.args[1])![1]}`,
        );
        return found.join(", ") === wanted ? wanted : undefined;
      });
    await roll(1000, 1);
    await roll(2000, 1);
    await roll(1000, 1);
    await kept("2 2000, 3 1000");
    await roll(3000, 1);
    await kept("3 1000, 4 3000");
    const shown = await daemon.ok("describe", "process/history");
    assert.match(shown, /History:\n {2}Number {2}Revision .*\n.*\n {2}3 .*history-\w{10} .*\n {2}4 .*history-\w{10} /);
    await roll(3000, 0);
    await kept("4 3000");
    await daemon.ok("delete", "process/history");
    await kept("");
  });

  it("revisionHistoryLimit: a paused process without copies gets them back as they were, over a restart of the daemon", async () => {
    await create("asleep", `${sh("echo as before; exec sleep 1000")}`);
    await eventually(
      "its template to be kept",
      async () => (await daemon.json("controllerrevisions", "-l", "wctl.dev/process=asleep")).items.length === 1,
    );
    await create("asleep", `${sh("echo too new; exec sleep 1000")}paused: true\nreplicas: 0`);
    await eventually(
      "no copies",
      async () => !(await daemon.json("instances", "-l", "wctl.dev/process=asleep")).items.length,
    );
    await daemon.end("SIGKILL");
    await daemon.start();
    await daemon.ok("scale", "process/asleep", "--replicas", "1");
    await output("asleep-0", /as before/);
  });

  it("restartPolicy and successExitCodes", async () => {
    await create("never", `${sh("exit 3")}restartPolicy: Never`);
    await create("success", `${sh("exit 3")}restartPolicy: OnFailure\nsuccessExitCodes: [0, 3]`);
    await create("onfailure", `${sh("exit 4")}restartPolicy: OnFailure\nbackoff: {initialSeconds: 0}`);
    const never = await when("never-0", (status) => status.phase === "Failed");
    assert.deepEqual([never.restartCount, never.state.terminated.exitCode], [0, 3]);
    await when("success-0", (status) => status.phase === "Succeeded" && status.restartCount === 0);
    await when("onfailure-0", (status) => status.restartCount >= 3);
    assert.match(await daemon.ok("get", "process", "never", "success"), /never .*Error[\s\S]*success .*Completed/);
    await daemon.ok("delete", "process", "onfailure");
  });

  it("backoff: the second restart waits, and says for how long", async () => {
    await create("crash", `${sh("exit 1")}backoff: {initialSeconds: 100, factor: 2, maxSeconds: 150}`);
    const status = await when("crash-0", ({ state }) => state?.waiting?.reason === "CrashLoopBackOff");
    assert.equal(status.restartCount, 1);
    assert.match(status.decision.message, /waiting 100s before restart 2 \(exit code 1\)/);
    assert.match(await daemon.ok("get", "process", "crash"), /CrashLoopBackOff/);
  });

  const serve = async (answer: () => number): Promise<{ port: number; server: Server }> => {
    const server = createServer((_, response) => response.writeHead(answer()).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as AddressInfo).port, server };
  };

  it("startupProbe gates, readinessProbe only gates, livenessProbe restarts (httpGet)", async () => {
    const codes = { startup: 500, readiness: 500, liveness: 200 };
    const servers = await Promise.all([
      serve(() => codes.startup),
      serve(() => codes.readiness),
      serve(() => codes.liveness),
    ]);
    const [startup, readiness, liveness] = servers.map(({ port }) => port);
    try {
      await create(
        "probed",
        `${sh("exec sleep 1000")}stop: {gracePeriodSeconds: 1}
startupProbe: {httpGet: {port: ${startup}}, periodSeconds: 1, failureThreshold: 600}
readinessProbe: {httpGet: {port: ${readiness}, path: /ready}, periodSeconds: 1}
livenessProbe: {httpGet: {port: ${liveness}, path: /alive, httpHeaders: [{name: X-Test, value: "1"}]}, periodSeconds: 1, failureThreshold: 2}`,
      );
      await when("probed-0", (status) => status.phase === "Starting");
      codes.startup = 200;
      const begun = await when("probed-0", (status) => status.phase === "Running" && status.started && !status.ready);
      codes.readiness = 204;
      await when("probed-0", (status) => status.phase === "Ready" && status.ready);
      codes.readiness = 503;
      const unready = await when("probed-0", (status) => status.phase === "Running" && !status.ready);
      assert.equal(unready.pid, begun.pid, "readiness only gates");
      codes.liveness = 500;
      const restarted = await when("probed-0", (status) => status.restartCount >= 1);
      assert.equal(restarted.lastState.terminated.reason, "LivenessFailed");
      await daemon.tells(/Liveness probe failed: HTTP probe failed with statuscode: 500/, "--for", "instance/probed-0");
    } finally {
      for (const { server } of servers) server.close();
    }
  });

  it("probes: tcpSocket and exec, the exec probe's tree killed on timeout", async () => {
    const { port, server } = await serve(() => 200);
    try {
      await create("tcp", `${sh("exec sleep 1000")}readinessProbe: {tcpSocket: {port: ${port}}, periodSeconds: 1}`);
      await when("tcp-0", (status) => status.ready);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await when("tcp-0", (status) => status.phase === "Running" && !status.ready);
    const flag = join(daemon.dir, "ready-flag");
    await create(
      "execprobe",
      `${sh("exec sleep 1000")}readinessProbe: {exec: {command: [/usr/bin/test, -e, ${flag}]}, periodSeconds: 1}`,
    );
    await when("execprobe-0", (status) => status.phase === "Running");
    writeFileSync(flag, "");
    await when("execprobe-0", (status) => status.ready);
    const pidFile = join(daemon.dir, "hung-probe");
    await create(
      "hung",
      `${sh("exec sleep 1000")}readinessProbe: {exec: {command: [/bin/sh, -c, "echo $$ >> ${pidFile}; sleep 1000; :"]}, periodSeconds: 1, timeoutSeconds: 1}`,
    );
    const [first] = await eventually("a second probe after the first timed out", () => {
      const pids = readFileSync(pidFile, "utf8").trim().split("\n").map(Number);
      return pids.length >= 2 ? pids : undefined;
    });
    await eventually("the first probe is gone", () => !isAlive(first ?? 0));
  });

  it("resources.limits: enforced, or a condition says which are not", async () => {
    await create(
      "limited",
      `command: /usr/bin/perl\nargs: [-e, 'my @kept; while (1) { push @kept, "x" x 1_000_000; select undef, undef, undef, 0.002 }']\nrestartPolicy: Never\nresources: {limits: {memory: 64Mi, processes: 20, cpu: 500m}}`,
    );
    const status = await when(
      "limited-0",
      ({ phase, conditions }) =>
        phase === "Failed" ||
        conditions?.some((one: { type: string; status: string }) => one.type === "Enforced" && one.status === "False"),
    );
    const unenforced = status.conditions.find((one: { type: string }) => one.type === "Enforced");
    if (unenforced?.status === "False") assert.match(unenforced.message, /resources\.limits\./);
    else assert.equal(status.state.terminated.reason, "OOMKilled");
  });

  it("resources.priorityClass and affinity", async () => {
    await create("nice", `${sh("exec sleep 1000")}resources: {priorityClass: BelowNormal, affinity: "0"}`);
    const { pid } = await when("nice-0", (status) => status.ready);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    assert.ok(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]) > 0, "nice is raised");
    assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), /^Cpus_allowed_list:\s0$/m);
  });

  it("runAs: another account without new privileges, or a refusal that says why", async () => {
    await create("nobody", `command: /usr/bin/id\nargs: [-un]\nrestartPolicy: Never\nrunAs: {account: nobody}`);
    const status = await when(
      "nobody-0",
      ({ phase, state }) => phase === "Succeeded" || state?.waiting?.reason === "AccountNotAllowed",
    );
    if (status.phase === "Succeeded") assert.equal(await output("nobody-0", /\w/), "nobody\n");
    await create("noone", `command: /usr/bin/id\nrunAs: {account: no-such-account}`);
    const refused = await when("noone-0", ({ state }) => state?.waiting?.reason === "AccountNotFound");
    assert.match(refused.state.waiting.message, /no-such-account/);
  });

  it("stop: preStop, then the signal, then the whole tree after the grace period", async () => {
    const ledger = join(daemon.dir, "stop");
    await create(
      "polite",
      `${sh(`trap 'echo signal >> ${ledger}; kill $!; exit 0' INT; sleep 1000 & echo ready; wait`)}stop: {signal: SIGINT, gracePeriodSeconds: 10, preStop: {exec: {command: [/bin/sh, -c, "echo preStop >> ${ledger}"]}}}`,
    );
    await output("polite-0", /ready/);
    await daemon.ok("delete", "process", "polite");
    assert.equal(readFileSync(ledger, "utf8"), "preStop\nsignal\n");
    await daemon.tells(/ended on its stop signal/, "--for", "instance/polite-0");

    await create("stubborn", `${sh("trap '' TERM; sleep 1001 & echo ready; wait")}stop: {gracePeriodSeconds: 1}`);
    await output("stubborn-0", /ready/);
    const { pid } = await when("stubborn-0", (status) => status.ready);
    await daemon.ok("delete", "process", "stubborn");
    assert.equal(isAlive(pid), false);
    await daemon.tells(/did not end within its grace period of 1s and was killed/, "--for", "instance/stubborn-0");

    await create("hurried", `${sh("trap '' TERM; exec sleep 1000")}stop: {gracePeriodSeconds: 600}`);
    const hurried = await when("hurried-0", (status) => status.ready);
    await daemon.ok("delete", "process", "hurried", "--grace-period=1", "--timeout=1h");
    assert.equal(isAlive(hurried.pid), false, "the grace of the deletion reaches the instance");

    const app = join(daemon.dir, "app.sh");
    writeFileSync(
      app,
      `trap 'sleep 0.3; echo saved >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & touch ${app}.up; wait`,
    );
    await create("wrapped", `${sh(`/bin/sh ${app}; echo next >> ${ledger}`)}stop: {gracePeriodSeconds: 30}`);
    await eventually("the program behind the wrapper listens", async () => existsSync(`${app}.up`));
    await daemon.ok("delete", "process", "wrapped");
    assert.equal(
      readFileSync(ledger, "utf8"),
      "preStop\nsignal\nsaved\n",
      "it had its time, though its wrapper had ended",
    );
  });

  it("dependsOn: starts after, stops before", async () => {
    const ledger = join(daemon.dir, "order");
    const program = (name: string) =>
      `${sh(`trap 'echo -${name} >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & echo +${name} >> ${ledger}; wait`)}readinessProbe: {exec: {command: [/bin/grep, -q, ${name}, ${ledger}]}, periodSeconds: 1}\n`;
    await create("app", `${program("app")}dependsOn: [{name: base, condition: Ready}]`);
    await eventually("app says what it waits for", async () =>
      /base/.test((await process("app")).status?.decision?.message ?? ""),
    );
    await create("base", program("base"));
    await when("app-0", (status) => status.ready);
    await daemon.ok("delete", "process", "base", "app");
    assert.equal(readFileSync(ledger, "utf8").replaceAll("\n", ""), "+base+app-app-base");
  });

  it("dependsOn Completed: waits for the one-shot; a cycle is told", async () => {
    await create("after", `${sh("exec sleep 1000")}dependsOn: [{name: before, condition: Completed}]`);
    await create("before", `${sh("sleep 0.3")}restartPolicy: Never`);
    await when("after-0", (status) => status.ready);
    await create("ring-a", `${sh("exec sleep 1000")}dependsOn: [{name: ring-b}]`);
    await create("ring-b", `${sh("exec sleep 1000")}dependsOn: [{name: ring-a}]`);
    await eventually("the cycle is told", async () =>
      (await process("ring-a")).status?.conditions?.some(
        (one: { type: string; status: string; reason: string }) =>
          one.type === "Stalled" && one.status === "True" && one.reason === "DependencyCycle",
      ),
    );
  });

  it("logs.encoding: kept as it was written, read as UTF-8, also of an earlier run", async () => {
    const write = "print pack(q(H*), $ENV{WCTL_RUN} == 1 ? q(4772fcdf65800d0a) : q(6e6f63680d0a)); sleep 1000";
    await create("pages", `command: /usr/bin/perl\nargs: [-e, '$| = 1; ${write}']\nlogs: {encoding: windows-1252}`);
    assert.equal(await output("pages-0", /\n/), "Grüße€\n");
    assert.match(await daemon.ok("describe", "instance/pages-0"), /^ +Grüße€$/m);
    assert.equal(await logs("pages-0", "--raw", "--tail=1", "--limit-bytes=2"), "Gr");
    const { pid } = await when("pages-0", (status) => status.ready);
    globalThis.process.kill(pid, "SIGKILL");
    assert.equal(await output("pages-0", /noch/), "noch\n");
    assert.equal(await logs("pages-0", "--raw"), "noch\r\n");
    assert.match(await logs("pages-0", "--previous", "--timestamps", "--since=1h"), /^\S+Z Grüße€\n$/);
    const { stderr } = await daemon.wctl("logs", "pages-0", "--raw", "--timestamps");
    assert.match(stderr, /at most one of --raw or --timestamps/);
  });

  it("logs: stderr merged or separate, previous runs kept, space bounded while it runs", async () => {
    await create("merged", `${sh("echo out; echo err >&2; exec sleep 1000")}`);
    assert.equal(await output("merged-0", /err/), "out\nerr\n");
    await create("separate", `${sh("echo out; echo err >&2; exec sleep 1000")}logs: {stderr: Separate}`);
    assert.match(await output("separate-0", /err/), /out/);
    await create("runs", `${sh("echo this is run $WCTL_RUN; exec sleep 1000")}`);
    const first = await when("runs-0", (status) => status.ready);
    await output("runs-0", /run 1/);
    globalThis.process.kill(first.pid, "SIGKILL");
    await output("runs-0", /run 2/);
    assert.match(await logs("runs-0", "--previous"), /run 1/);
    await create(
      "flood",
      `command: /usr/bin/perl\nargs: [-e, '$| = 1; for my $n (1..200000) { print "line $n of a program that writes too much\\n" } sleep 1000']\nlogs: {maxSize: 1Mi}`,
    );
    await output("flood-0", /line 200000 /);
    // Of 9 MB written about 1 MiB is kept, a little more while the keeper catches up.
    const kept = await eventually("the oldest part is released", async () => {
      const { length } = await logs("flood-0");
      return length < 2_000_000 ? length : undefined;
    });
    assert.ok(kept > 500_000, `${kept} bytes are kept`);
    const lines = (await logs("flood-0")).trimEnd().split("\n");
    assert.match(lines[0] ?? "", /^line \d+ of a program that writes too much$/, "begins with a whole line");
    assert.match(lines.at(-1) ?? "", /^line 200000 /);
  });

  it("deleting an instance is a restart", async () => {
    await create("again", sh("exec sleep 1000"));
    const { pid } = await when("again-0", (status) => status.ready);
    await daemon.ok("delete", "instance", "again-0");
    const after = await when("again-0", (status) => status.ready);
    assert.notEqual(after.pid, pid);
    assert.equal(isAlive(pid), false);
  });

  it("what cannot start says why, and backs off", async () => {
    const file = join(daemon.dir, "not-executable");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o600 });
    const cases: [string, string, RegExp, string][] = [
      ["gone", "command: /no/such/program", /\/no\/such\/program/, "CommandNotFound"],
      ["plain", `command: ${file}`, /execut/, "NotExecutable"],
      ["nodir", "command: /bin/true\nworkingDir: /no/such/dir", /\/no\/such\/dir/, "WorkingDirNotFound"],
    ];
    for (const [name, spec, message, reason] of cases) {
      await create(name, spec);
      const status = await when(`${name}-0`, ({ state }) => state?.waiting?.reason === reason, reason);
      assert.match(status.state.waiting.message, message);
      assert.ok(status.state.waiting.retryAt);
      await daemon.tells(message, "--for", `instance/${name}-0`);
    }
  });
});

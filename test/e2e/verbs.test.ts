/** Every verb of the CLI on real processes, through the built executable. Columns, messages and exit codes are kubectl's. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openPty } from "../pty.ts";
import { DaemonUnderTest, eventually, isAlive, wctlPath } from "./daemon-under-test.ts";

describe("verbs", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  const manifest = (name: string, more = "", labels = "{}"): string =>
    `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}, labels: ${labels}}\nspec:\n  command: /bin/sleep\n  args: ["1000"]\n${more.replace(/^(?=.)/gm, "  ")}`;
  const talker = (name: string, script: string): string =>
    `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}, labels: {talks: "yes"}}\nspec:\n  command: /bin/sh\n  args: [-c, ${JSON.stringify(script)}]\n  stop: {gracePeriodSeconds: 1}\n`;
  const file = (name: string, text: string): string => {
    const path = join(daemon.dir, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  /** A command that goes on: its output so far, and its end. */
  const begin = (...args: string[]) => {
    const child = spawn(wctlPath, args, {
      env: { ...process.env, KUBECONFIG: daemon.kubeconfig, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const seen = { out: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      seen.out += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    return { child, seen, ended };
  };

  it("apply: created, unchanged, configured; file, folder, -R, stdin, URL", async () => {
    const path = file("apply/web.yaml", manifest("web"));
    assert.equal(await daemon.ok("apply", "-f", path), "process.wctl.dev/web created\n");
    assert.equal(await daemon.ok("apply", "-f", path), "process.wctl.dev/web unchanged\n");
    file("apply/web.yaml", manifest("web", "replicas: 2\n"));
    assert.equal(await daemon.ok("apply", "-f", path), "process.wctl.dev/web configured\n");
    file("apply/deep/er.yaml", manifest("deeper"));
    assert.equal(await daemon.ok("apply", "-f", join(daemon.dir, "apply")), "process.wctl.dev/web unchanged\n");
    assert.equal(
      await daemon.ok("apply", "-R", "-f", join(daemon.dir, "apply")),
      "process.wctl.dev/deeper created\nprocess.wctl.dev/web unchanged\n",
    );
    const server = createServer((_, response) => response.end(manifest("fetched")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.yaml`;
    assert.equal(await daemon.ok("apply", "-f", url), "process.wctl.dev/fetched created\n");
    server.closeAllConnections();
    server.close();
  });

  it("apply: a field taken out of the file goes, what others wrote stays", async () => {
    const path = file("owned.yaml", manifest("owned", "replicas: 3\nminReadySeconds: 1\n"));
    await daemon.ok("apply", "-f", path);
    await daemon.ok("scale", "process/owned", "--replicas=1");
    file("owned.yaml", manifest("owned", "replicas: 3\n"));
    await daemon.ok("apply", "-f", path);
    const { spec } = await daemon.json("process", "owned");
    assert.deepEqual([spec.replicas, spec.minReadySeconds], [3, 0]);
  });

  it("apply --dry-run, --prune, --wait, -o name", async () => {
    const one = file("prune/one.yaml", manifest("one", "", "{set: p}"));
    const two = file("prune/two.yaml", manifest("two", "", "{set: p}"));
    assert.equal(
      await daemon.ok("apply", "-f", one, "--dry-run=server"),
      "process.wctl.dev/one created (server dry run)\n",
    );
    assert.equal(await daemon.ok("apply", "-f", one, "--dry-run=client"), "process.wctl.dev/one created (dry run)\n");
    assert.equal((await daemon.wctl("get", "process", "one")).code, 1);
    assert.equal(
      await daemon.ok("apply", "-f", one, "-f", two, "--wait", "--timeout=1h", "-o", "name"),
      "process.wctl.dev/one\nprocess.wctl.dev/two\n",
    );
    assert.equal((await daemon.json("process", "one")).status.readyReplicas, 1);
    const pruned = await daemon.ok("apply", "-f", one, "--prune", "-l", "set=p");
    assert.match(pruned, /^process\.wctl\.dev\/one unchanged\nprocess\.wctl\.dev\/two pruned\n$/);
  });

  it("get: tables, wide, json, yaml, name, jsonpath, custom-columns, selectors, sorting", async () => {
    await daemon.apply(
      `${manifest("g1", "", "{tier: a}")}---\n${manifest("g2", "replicas: 2\n", "{tier: b}")}`,
      "--wait",
      "--timeout=1h",
    );
    assert.match(
      await daemon.ok("get", "processes", "g1", "g2"),
      /^NAME +READY +STATUS +RESTARTS +AGE\ng1 +1\/1 +Running +0 +\d+s\ng2 +2\/2 +Running +0 +\d+s\n$/,
    );
    assert.match(
      await daemon.ok("get", "proc", "-l", "tier=b", "-o", "wide"),
      /^NAME +READY +STATUS +RESTARTS +AGE +PID +COMMAND +NODE +PORTS\ng2 +2\/2 +Running +0 +\d+s +\d+,\d+ +\/bin\/sleep +\S+ +<none>\n$/,
    );
    assert.equal(await daemon.ok("get", "process/g1", "-o", "name"), "process.wctl.dev/g1\n");
    assert.equal(await daemon.ok("get", "process", "g2", "-o", "jsonpath={.metadata.labels.tier}{'\\n'}"), "b\n");
    assert.equal(
      await daemon.ok(
        "get",
        "processes",
        "-l",
        "tier in (a,b)",
        "-o",
        "custom-columns=N:.metadata.name,R:.spec.replicas",
      ),
      "N     R\ng1    1\ng2    2\n",
    );
    assert.equal(
      await daemon.ok("get", "processes", "-l", "tier", "--sort-by=.spec.replicas", "--no-headers", "-o", "name"),
      "process.wctl.dev/g1\nprocess.wctl.dev/g2\n",
    );
    assert.match(
      await daemon.ok("get", "process", "g1", "-o", "yaml"),
      /^apiVersion: wctl\.dev\/v1\nkind: Process\nmetadata:\n/,
    );
    assert.match(await daemon.ok("get", "process", "g1", "--show-labels"), /LABELS\ng1 .* tier=a\n/);
    assert.match(
      await daemon.ok("get", "instances", "-A", "--field-selector", "metadata.name=g1-0"),
      /^NAMESPACE +NAME +READY.*\ndefault +g1-0 /,
    );
    assert.match(
      await daemon.ok("get", "all", "-l", "tier=a"),
      /process\.wctl\.dev\/g1 [\s\S]*instance\.wctl\.dev\/g1-0 /,
    );
    assert.match(await daemon.ok("get", "ns"), /^NAME +STATUS +AGE\ndefault +Active /);
  });

  it("get leases shows the one by which the node lives; its Namespace stays", async () => {
    const leases = (): Promise<string> => daemon.ok("get", "leases", "-n", "kube-node-lease");
    await eventually("the lease", async () => (await leases()) !== "");
    const [{ metadata }] = (await daemon.json("nodes")).items;
    assert.match(await leases(), new RegExp(`^NAME +HOLDER +AGE\n${metadata.name} +${metadata.name} +`));
    assert.match(await daemon.ok("get", "nodes"), new RegExp(`\n${metadata.name} +Ready `));
    const { code, stderr } = await daemon.wctl("delete", "ns", "kube-node-lease");
    assert.equal(code, 1);
    assert.match(stderr, /namespaces "kube-node-lease" is forbidden: this namespace may not be deleted/);
  });

  it("get -w shows each change as a row", async () => {
    const watching = begin("get", "processes", "-w");
    try {
      await eventually("the first rows", () => watching.seen.out.includes("NAME"));
      await daemon.apply(manifest("watched"));
      await eventually("the new row, ready", () => /watched +1\/1 +Running/.test(watching.seen.out));
    } finally {
      watching.child.kill("SIGINT");
    }
    assert.equal(await watching.ended, 130);
  });

  it("describe ends with events and the last lines of output", async () => {
    await daemon.apply(talker("described", "echo its last words; exec sleep 1000"), "--wait", "--timeout=1h");
    await eventually("the words", async () => (await daemon.ok("logs", "described-0")).includes("words"));
    await daemon.tells(/Started/, "--for", "instance/described-0");
    const text = await daemon.ok("describe", "process", "described");
    assert.match(
      text,
      /^Name: +described\n[\s\S]*Decision: [\s\S]*Conditions:\n[\s\S]*Events:\n[\s\S]*Started[\s\S]*its last words\n$/,
    );
    assert.match(await daemon.ok("describe", "instance/described-0"), /Pid: +\d+[\s\S]*its last words/);
  });

  it("diff: 0 without, 1 with differences, nothing written", async () => {
    const path = file("diff.yaml", manifest("diffed"));
    await daemon.ok("apply", "-f", path);
    assert.deepEqual(await daemon.wctl("diff", "-f", path), { code: 0, stdout: "", stderr: "" });
    file("diff.yaml", manifest("diffed", "replicas: 2\n"));
    const { code, stdout } = await daemon.wctl("diff", "-f", path);
    assert.equal(code, 1);
    assert.match(stdout, /^-\s+replicas: 1\n\+\s+replicas: 2$/m);
    assert.equal((await daemon.json("process", "diffed")).spec.replicas, 1);
  });

  it("scale, rollout status, rollout restart", async () => {
    await daemon.apply(manifest("rolled", "replicas: 2\n"), "--wait", "--timeout=1h");
    assert.equal(await daemon.ok("scale", "process/rolled", "--replicas=3"), "process.wctl.dev/rolled scaled\n");
    assert.match(
      await daemon.ok("rollout", "status", "process/rolled", "--timeout=1h"),
      /process "rolled" successfully rolled out\n$/,
    );
    assert.notEqual((await daemon.wctl("scale", "process/rolled", "--replicas=1", "--current-replicas=7")).code, 0);
    const pids = async () =>
      (await daemon.json("instances", "-l", "wctl.dev/process=rolled")).items.map(
        (one: { status: { pid: number } }) => one.status.pid,
      );
    const before = await pids();
    assert.equal(await daemon.ok("rollout", "restart", "process/rolled"), "process.wctl.dev/rolled restarted\n");
    assert.match(await daemon.ok("rollout", "status", "process/rolled", "--timeout=1h"), /successfully rolled out\n$/);
    const afterwards = await pids();
    assert.equal(afterwards.length, 3);
    assert.ok(afterwards.every((pid: number) => !before.includes(pid)));
  });

  it("logs: -f, -p, --tail, --since, --timestamps, --limit-bytes, -l, process/x", async () => {
    await daemon.apply(
      talker(
        "talk",
        "for n in 1 2 3; do echo line $n; done; read forever < /dev/zero || true; exec sleep 1000",
      ).replace("read forever < /dev/zero || true; ", ""),
    );
    await eventually(
      "three lines",
      async () => (await daemon.wctl("logs", "talk-0")).stdout === "line 1\nline 2\nline 3\n",
    );
    assert.equal(await daemon.ok("logs", "process/talk"), "line 1\nline 2\nline 3\n");
    assert.equal(await daemon.ok("logs", "instance/talk-0", "--tail=1"), "line 3\n");
    assert.equal(await daemon.ok("logs", "talk-0", "--since=1h", "--limit-bytes=6"), "line 1");
    assert.match(
      await daemon.ok("logs", "talk-0", "--timestamps", "--tail=1"),
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 3\n$/,
    );
    assert.match(await daemon.ok("logs", "-l", "talks=yes", "--tail=1", "--prefix"), /^\[.*talk-0.*\] line 3$/m);
    const { pid } = (await daemon.json("instance", "talk-0")).status;
    process.kill(pid, "SIGKILL");
    await eventually("the second run", async () => (await daemon.json("instance", "talk-0")).status.restartCount === 1);
    assert.equal(await daemon.ok("logs", "talk-0", "-p", "--tail=1"), "line 3\n");

    const flag = join(daemon.dir, "go-on");
    await daemon.apply(
      talker("follow", `echo first; while ! test -e ${flag}; do sleep 0.05; done; echo second; sleep 0.1`).replace(
        "spec:",
        "spec:\n  restartPolicy: Never",
      ),
    );
    const following = begin("logs", "-f", "process/follow");
    await eventually("the first line", () => following.seen.out === "first\n");
    writeFileSync(flag, "");
    assert.equal(await following.ended, 0, "ends when the run has ended");
    assert.equal(following.seen.out, "first\nsecond\n");
  });

  it("exec: as the account, with input, an exit code and a terminal; it ends with its client and with its instance", async () => {
    await daemon.ok("apply", "-f", join(import.meta.dirname, "../../manifests/examples/exec.yaml"), "--wait");
    assert.equal(await daemon.ok("exec", "notes", "--", "cat", "today"), "begun by nobody\n");
    const script = "id -un; echo $TOPIC $WCTL_INSTANCE_NAME; cat; exit 3";
    const input = { input: "typed\n" };
    const ran = await daemon.wctlWith(input, "exec", "-i", "process/notes", "--", "sh", "-c", script);
    assert.deepEqual(ran, {
      code: 3,
      stdout: "nobody\nboats notes-0\ntyped\n",
      stderr: "command terminated with exit code 3\n",
    });
    await daemon.tells(/Exec +instance\/notes-0 +\S+ runs sh \(with 2 arguments\)/);

    const pidIn = ({ out }: { out: string }): number | undefined => Number(/^(\d+)\n/.exec(out)?.[1]) || undefined;
    const forever = ["exec", "instance/notes-0", "--", "sh", "-c", "setsid sleep 1000 & echo $!; sleep 1000"];
    const interrupted = begin(...forever);
    const left = await eventually("the command prints", () => pidIn(interrupted.seen));
    interrupted.child.kill("SIGINT");
    assert.equal(await interrupted.ended, 130);
    await eventually("it is ended with all that it started", () => !isAlive(left));

    const pty = openPty({ columns: 99, rows: 22 });
    const shell = spawn(wctlPath, ["exec", "-it", "notes", "--", "sh"], {
      env: { ...process.env, KUBECONFIG: daemon.kubeconfig, TERM: "vt100" },
      stdio: [pty.fd, pty.fd, pty.fd],
    });
    const code = new Promise<number | null>((resolve) => shell.once("exit", resolve));
    pty.type("stty size; echo $TERM; sleep 1000\r");
    await eventually("the terminal has its size and name", () => /22 99\r\nvt100\r\n/.test(pty.shown()));
    pty.type("\x03");
    pty.type("exit 7\r");
    assert.equal(await code, 7);
    pty.close();

    const stopped = begin(...forever);
    await eventually("the command prints", () => pidIn(stopped.seen));
    await daemon.ok("stop", "process/notes");
    assert.equal(await stopped.ended, 137);
    const refused = await daemon.wctl("exec", "notes", "--", "true");
    assert.deepEqual(
      [refused.code, /is Stopped; "wctl start process\/notes" starts it\n$/.test(refused.stderr)],
      [1, true],
    );
  });

  it("wait: condition, delete, jsonpath, timeout", async () => {
    await daemon.apply(manifest("awaited"));
    assert.equal(
      await daemon.ok("wait", "process/awaited", "--for=condition=Ready", "--timeout=1h"),
      "process.wctl.dev/awaited condition met\n",
    );
    assert.equal(
      await daemon.ok("wait", "process/awaited", "--for=jsonpath={.status.readyReplicas}=1", "--timeout=1h"),
      "process.wctl.dev/awaited condition met\n",
    );
    const late = await daemon.wctl("wait", "process/awaited", "--for=condition=Ready=false", "--timeout=1s");
    assert.deepEqual(
      [late.code, late.stderr],
      [1, "error: timed out waiting for the condition on processes/awaited\n"],
    );
    const gone = daemon.wctl("wait", "process/awaited", "--for=delete", "--timeout=1h");
    await daemon.ok("delete", "process", "awaited");
    assert.equal((await gone).code, 0);
  });

  it("events, top, why", async () => {
    await daemon.apply(manifest("told", "", "{app: told}"), "--wait", "--timeout=1h");
    await daemon.tells(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n.*process\/told/, "--for", "process/told");
    assert.match(
      await daemon.ok("top", "instances", "-l", "app=told"),
      /^NAME +CPU\(cores\) +MEMORY\(bytes\) +HANDLES +PROCESSES\ntold-0 +\d+m +\d+(Ki|Mi) +\d+ +1\n$/,
    );
    assert.match(await daemon.ok("top", "process", "told"), /told/);
    const why = await daemon.ok("why", "process/told");
    for (const part of [
      /^process\/told is Running/,
      /^Desired: +1 instance of \/bin\/sleep 1000$/m,
      /^Observed: +1 instance/m,
      /^Rule: +AsDesired/m,
      /^Next try:/m,
    ])
      assert.match(why, part);
    await daemon.apply(
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: sick}\nspec: {command: /bin/false, backoff: {initialSeconds: 600, maxSeconds: 600}}\n`,
    );
    await eventually("why it waits", async () =>
      /waiting 600s before restart 2 \(exit code 1\)[\s\S]*Next try: +in \d+m/.test(
        await daemon.ok("why", "instance/sick-0"),
      ),
    );
  });

  it("what Prometheus scrapes says the same", async () => {
    const client = await daemon.client();
    const scraped = await client.raw("GET", "/metrics");
    client.close();
    const value = (name: string, copy: string, more = ""): number => {
      const labels = `namespace="default",process="${copy.replace(/-0$/, "")}",name="${copy}"${more}`;
      const line = scraped.split("\n").find((one) => one.startsWith(`wctl_instance_${name}{${labels}}`));
      return Number(line?.split(" ")[1]);
    };
    assert.equal(value("up", "told-0"), 1);
    assert.equal(value("processes", "told-0"), 1);
    assert.ok(value("memory_bytes", "told-0") > 0);
    assert.equal(value("up", "sick-0"), 0);
    assert.equal(value("restarts_total", "sick-0"), 1);
    assert.equal(value("last_exit_code", "sick-0"), 1);
    assert.equal(value("waiting_reason", "sick-0", ',reason="CrashLoopBackOff"'), 1);
    assert.ok(value("backoff_seconds", "sick-0") > 0);
  });

  it("version, config, explain", async () => {
    assert.match(await daemon.ok("explain", "process.spec.restartPolicy"), /\n {4}Default: Always\n/);
    assert.match(await daemon.ok("version"), /^Client Version: v0\.1\.0\nServer Version: v1\.32\.0-wctl\.0\.1\.0\n$/);
    assert.equal(JSON.parse(await daemon.ok("version", "--client", "-o", "json")).clientVersion.gitVersion, "v0.1.0");
    assert.equal(await daemon.ok("config", "current-context"), `${hostname().toLowerCase()}\n`);
    assert.match(await daemon.ok("config", "get-contexts"), /^CURRENT +NAME +CLUSTER/);
    const view = await daemon.ok("config", "view");
    assert.ok(view.includes("DATA+OMITTED") && !view.includes("LS0tLS1"));
  });

  it("namespaces: created, used, deleted with all that runs in them", async () => {
    await daemon.apply(
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n---\n${manifest("inside").replace("name: inside", "name: inside, namespace: team")}`,
      "--wait",
      "--timeout=1h",
    );
    const { pid } = (await daemon.json("instance", "inside-0", "-n", "team")).status;
    assert.match(await daemon.ok("get", "processes", "-A"), /team +inside/);
    assert.equal(await daemon.ok("delete", "namespace", "team", "--timeout=1h"), 'namespace "team" deleted\n');
    assert.equal(isAlive(pid), false);
    const refused = await daemon.wctlWith({ input: manifest("lost") }, "apply", "-n", "nowhere", "-f", "-");
    assert.match(refused.stderr, /namespaces "nowhere" not found/);
  });

  it("delete: by name, file, label; waits until the processes are gone; --ignore-not-found", async () => {
    await daemon.apply(
      `${manifest("d1", "", "{del: x}")}---\n${manifest("d2", "", "{del: x}")}---\n${manifest("d3")}`,
      "--wait",
      "--timeout=1h",
    );
    const pids = (await daemon.json("instances", "-l", "del=x")).items.map(
      (one: { status: { pid: number } }) => one.status.pid,
    );
    assert.match(
      await daemon.ok("delete", "processes", "-l", "del=x"),
      /process\.wctl\.dev "d1" deleted[\s\S]*process\.wctl\.dev "d2" deleted/,
    );
    assert.deepEqual(pids.map(isAlive), [false, false]);
    assert.equal(await daemon.ok("delete", "-f", file("d3.yaml", manifest("d3"))), 'process.wctl.dev "d3" deleted\n');
    assert.equal((await daemon.wctl("delete", "process", "d3")).code, 1);
    assert.equal((await daemon.wctl("delete", "process", "d3", "--ignore-not-found")).code, 0);
  });

  it("the audit of what was written: last-applied is there, secrets are not in it", async () => {
    await daemon.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: canary-2718}\n");
    const { metadata } = await daemon.json("secret", "s");
    assert.ok(
      !JSON.stringify(metadata).includes(Buffer.from("canary-2718").toString("base64")) &&
        !JSON.stringify(metadata).includes("canary"),
    );
    assert.ok(!readFileSync(join(daemon.dataDir, "wctld.log"), "utf8").includes("canary-2718"));
  });
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Event, Instance } from "../../api/types.generated.ts";
import type { LaunchSpec } from "../../runtime/runtime.ts";
import { StoredObjects } from "../e2e/stored-objects.ts";
import { verbInProcess } from "../e2e/verb-in-process.ts";
import { eventually } from "../eventually.ts";
import { isWindows, isWine } from "./platform.ts";
import { isAlive, type Ran, runProgram } from "./programs.ts";
import { fixture } from "./win32-harness.ts";
import { witness } from "./witness.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";
/** That of a release, if there is one; else what was built on this very Windows. */
const built = ["dist", "build"]
  .map((folder) => fileURLToPath(new URL(`../../${folder}/wctl.exe`, import.meta.url)))
  .find((path) => existsSync(path))!;
const name = `wctl-test-${randomUUID().slice(0, 8)}`; // A pid of Wine comes again; a run that was killed may have left its service.

/** Before a program that died is started again. */
const BACKOFF_S = 1;

/** The built program alone, in a folder with a blank in its name, drives a service of its own. */
describe("wctl.exe as a Windows service", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl service "));
  const program = join(folder, "Program", "wctl.exe");
  const decoy = join(tmpdir(), "wctl.exe");
  const dataDir = join(folder, "data");
  /** The program itself: what it puts into the service is its own path. The installer starts the other verbs from it too (installer.test.ts). */
  const ownService = (verb: string, ...args: string[]): Promise<Ran> =>
    runProgram(program, "service", verb, "--name", name, ...args);
  /** The same verbs without a program for each: the service that answers is wctl.exe. */
  const wctl = async (...words: string[]): Promise<Ran> => {
    const { code, stdout, stderr } = await verbInProcess(words, process.env);
    return { code, out: stdout, err: stderr };
  };
  const service = (verb: string, ...args: string[]): Promise<Ran> => wctl("service", verb, "--name", name, ...args);
  const client = (...args: string[]): Promise<Ran> =>
    wctl("--kubeconfig", join(dataDir, "admin.kubeconfig"), "--request-timeout", "30s", ...args);

  /** Succeeds, and says exactly this. */
  const says = async (ran: Promise<Ran>, out: string | RegExp): Promise<void> => {
    const { code, out: said, err } = await ran;
    assert.equal(code, 0, said + err);
    if (typeof out === "string") assert.equal(said, out);
    else assert.match(said, out);
  };
  const status = async (): Promise<{ state: string; pid: number; commandLine: string; problem?: string }> =>
    JSON.parse((await service("status", "-o", "json")).out);
  const objects = new StoredObjects();
  /** What `wctl get -o json` would print. The API has another address after each start: then the second look finds it. */
  const json = async <T>(...args: string[]): Promise<T> => {
    const look = () => objects.json(join(dataDir, "admin.kubeconfig"), args) as Promise<T>;
    return look().catch(async () => {
      await objects.close();
      return look();
    });
  };
  const instanceOf = (name: string): Promise<Instance> => json("instance", name);
  const pidOf = async (instance: string): Promise<number> => (await instanceOf(instance)).status?.pid ?? 0;
  const runs = (instance: string, isWanted: (pid: number) => boolean): Promise<true> =>
    eventually(async () => {
      const pid = await pidOf(instance).catch(() => 0); // The API may be starting.
      return isWanted(pid) && isAlive(pid);
    }, `${instance} runs`);
  const events = async (instance?: string): Promise<string> => {
    const { items } = await json<{ items: Event[] }>("events");
    const about = items.filter(({ involvedObject: { name } }) => instance === undefined || name === instance);
    return about.map(({ reason, message }) => `${reason} ${message}\n`).join("");
  };

  before(() => {
    assert.ok(built, "neither dist/wctl.exe nor build/wctl.exe is there: make dist, or npm run build");
    mkdirSync(join(folder, "Program"));
    // Where Windows would look first if the path were not in quotes (S03): the service would not start.
    writeFileSync(decoy, "not a program");
    copyFileSync(built, program);
  });
  after(async () => {
    const last = (await service("status")).code === 4 ? undefined : await status();
    await objects.close();
    if (last !== undefined) await service("uninstall", "--purge");
    if (last && last.pid > 0 && isAlive(last.pid)) process.kill(last.pid, "SIGKILL");
    rmSync(decoy, { force: true });
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  it("is installed, with its program in quotes, and tells what this system lacks", async () => {
    assert.equal((await service("status")).code, 4);
    const { code, out, err } = await ownService("install", "--data-dir", dataDir, "--listen", "127.0.0.1:0");
    assert.equal(code, 0, err);
    assert.equal(out, `service/${name} created (data in ${dataDir})\n`);
    const warnings = err.split("\n").filter((line) => !(isWine && /ERROR_INVALID_LEVEL/.test(line)));
    assert.match(warnings.join("\n"), /^(warning: .*wctl\.exe is no safe place [^\n]*\n)?$/);
    const { state, commandLine } = await status();
    assert.equal(state, "Stopped");
    assert.ok(commandLine.startsWith(`"${program}" daemon --service --data-dir "${dataDir}"`), commandLine);
    assert.match((await runProgram("reg", "query", sourceKey)).out, /EventMessageFile.*EventCreate\.exe/);
  });

  it("keeps its flags when it is installed again", async () => {
    const { commandLine } = await status();
    await says(ownService("install"), `service/${name} configured (data in ${dataDir})\n`);
    assert.equal((await status()).commandLine, commandLine);
  });

  it("starts, and answers other processes", async () => {
    await says(service("start"), `service/${name} started\n`);
    await says(service("start"), `service/${name} unchanged: it is running already\n`);
    assert.equal((await status()).state, "Running");
    await says(client("get", "nodes"), /Ready/);
  });

  it("opens no inspector, whoever asks (S37)", async () => {
    const { pid } = await status();
    const { _debugProcess: knock } = process as unknown as { _debugProcess(pid: number): void };
    assert.throws(() => knock(pid));
  });

  it("keeps a process running through a kill", async () => {
    const manifest = join(folder, "web.yaml");
    const spec = {
      ...witness,
      restartPolicy: "Always",
      backoff: { initialSeconds: BACKOFF_S, maxSeconds: BACKOFF_S },
    };
    const object = { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "web" }, spec };
    writeFileSync(manifest, JSON.stringify(object));
    await says(client("apply", "-f", manifest), "process.wctl.dev/web created\n");
    await runs("web-0", (pid) => pid > 0);
    const first = await pidOf("web-0");
    process.kill(first, "SIGKILL");
    await runs("web-0", (pid) => pid > 0 && pid !== first);
  });

  it("gives no workload the rights of LocalSystem, and says what would", async () => {
    const manifest = join(folder, "system.yaml");
    const spec = { ...witness, runAs: { account: "LocalSystem" } };
    const object = { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "system" }, spec };
    writeFileSync(manifest, JSON.stringify(object));
    await says(client("apply", "-f", manifest), "process.wctl.dev/system created\n");
    const waiting = async () => (await instanceOf("system-0").catch(() => undefined))?.status?.state?.waiting;
    await eventually(async () => (await waiting())?.reason === "AccountNotAllowed", "it was refused");
    assert.match((await waiting())?.message ?? "", /allowPrivileged: true/);
    assert.equal(await pidOf("system-0"), 0);
    await says(client("delete", "process", "system"), /deleted/);
  });

  it("lets an account log on as a service", async () => {
    const grant = (account: string): Promise<Ran> => wctl("service", "grant-logon", account);
    await says(grant("NetworkService"), /^account\/.*network.?service may log on as a service\n$/i);
    const { code, err } = await grant("no-such-user");
    assert.equal(code, 1);
    assert.match(err, /account "no-such-user" does not exist on this machine or in its domain/);
    assert.notEqual((await wctl("service", "grant-logon")).code, 0);
  });

  it("probes what runs, limits it or says what it can't, and stops it stage by stage", async () => {
    const manifest = join(folder, "three.yaml");
    const object = (process: string, program: Pick<LaunchSpec, "command" | "args">, more: object) => {
      const backoff = { initialSeconds: BACKOFF_S, maxSeconds: BACKOFF_S };
      const spec = { ...program, backoff, ...more };
      return JSON.stringify({ apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: process }, spec });
    };
    const exec = { command: ["cmd", "/d", "/c", "exit 3"] };
    const three = [
      object("probed", witness, {
        livenessProbe: { exec, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 1 },
      }),
      object("limited", fixture("stops-on-ctrl-c"), {
        resources: { limits: { cpu: "500m", memory: "512Mi", processes: 8 } },
      }),
      object("deaf", fixture("ignores-stop"), { stop: { gracePeriodSeconds: 1 } }),
    ];
    writeFileSync(manifest, three.join("\n---\n"));
    await says(client("apply", "-f", manifest), /probed created\n.*limited created\n.*deaf created\n/);
    const tells = (instance: string, what: RegExp): Promise<true> =>
      eventually(async () => what.test(await events(instance)), `the events of ${instance} tell ${what}`);
    const prints = (instance: string, what: RegExp): Promise<true> =>
      eventually(
        async () => what.test((await client("logs", `instance/${instance}`)).out),
        `${instance} prints ${what}`,
      );

    await tells("probed-0", /^Unhealthy Liveness probe failed/m);
    await says(client("events", "--for", "instance/probed-0"), /Unhealthy +instance\/probed-0 +Liveness probe failed/);
    await tells("probed-0", /run 2 started/);
    await Promise.all([prints("limited-0", /ready/), prints("deaf-0", /ignoring/)]);
    const { conditions = [] } = (await instanceOf("limited-0")).status ?? {};
    const enforced = conditions.find(({ type }) => type === "Enforced")?.message ?? "";
    assert.match(enforced, isWine ? /resources\.limits\.cpu: this Windows refuses/ : /everything .* is enforced/);

    await says(client("delete", "process", "limited", "deaf", "probed"), /"limited" deleted/);
    await tells("limited-0", /exit code 7.*it ended on its stop signal/s);
    await tells("deaf-0", /did not end within its grace period of 1s and was killed/);
  });

  it("pauses: what dies stays dead until it continues", async () => {
    await says(service("pause"), `service/${name} paused\n`);
    assert.equal((await status()).state, "Paused");
    const first = await pidOf("web-0");
    process.kill(first, "SIGKILL");
    await eventually(
      async () => (await pidOf("web-0")) === 0,
      "its end was seen: the API and the watch on processes go on",
    );
    await sleep(3 * BACKOFF_S * 1000);
    assert.equal(await pidOf("web-0"), 0, "nothing was started though its delay has passed");
    await says(service("continue"), `service/${name} continued\n`);
    await runs("web-0", (pid) => pid > 0 && pid !== first);
  });

  it("leaves its workloads running when it is killed, and finds them again", async () => {
    const { pid: daemon } = await status();
    const workload = await pidOf("web-0");
    process.kill(daemon, "SIGKILL");
    await eventually(async () => (await status()).state !== "Running", "the system has seen that the service is gone");
    assert.ok(isAlive(workload));
    // On Windows the failure action starts it after a second; Wine has none.
    if (isWine) await says(service("start"), `service/${name} started\n`);
    else await eventually(async () => (await status()).state === "Running", "the system has started it again");
    await eventually(async () => /^Adopted /m.test(await events().catch(() => "")), "the workload was adopted");
    assert.equal(await pidOf("web-0"), workload);
    assert.ok(isAlive(workload));
  });

  it("stops without its workloads when asked so", async () => {
    const workload = await pidOf("web-0");
    await says(service("restart", "--keep-workloads"), `service/${name} restarted\n`);
    assert.equal(await pidOf("web-0"), workload);
    assert.ok(isAlive(workload));
  });

  it("is upgraded in place while its workloads go on", async () => {
    const workload = await pidOf("web-0");
    await says(runProgram(built, "service", "upgrade", "--name", name), /^service\/.* upgraded \(\d.* -> \d.*\)\n$/);
    assert.equal((await status()).state, "Running");
    assert.ok(isAlive(workload));
    assert.equal(await pidOf("web-0"), workload);
    assert.ok(!existsSync(`${program}.old`) && !existsSync(`${program}.new`));
    const { code, err } = await ownService("upgrade");
    assert.equal(code, 1);
    assert.match(err, /is this very program/);
  });

  it("stops its workloads first", async () => {
    const workload = await pidOf("web-0");
    await says(service("stop"), `service/${name} stopped\n`);
    assert.ok(!isAlive(workload));
    await says(service("stop"), `service/${name} unchanged: it is not running\n`);
    assert.equal((await service("status")).code, 3);
  });

  it("runs and supervises while others have its port, says so, and answers when it is free (W8)", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    await says(
      ownService("install", "--listen", `127.0.0.1:${port}`),
      `service/${name} configured (data in ${dataDir})\n`,
    );
    await says(service("start"), `service/${name} started\n`);
    const { state, problem } = await status();
    assert.equal(state, "Running");
    assert.match(problem ?? "", new RegExp(`^--listen: 127\\.0\\.0\\.1:${port} is in use by another program`));
    taken.close();
    await eventually(async () => (await status()).problem === undefined, "the API answers");
    await runs("web-0", (pid) => pid > 0);
    await says(service("stop"), `service/${name} stopped\n`);
  });

  it("says why it can't start", async () => {
    const config = join(dataDir, "wrong.yaml"); // Where nobody else can write.
    writeFileSync(config, "noSuchField: 1\n");
    await says(ownService("install", "--config", config), `service/${name} configured (data in ${dataDir})\n`);
    const { code, err } = await service("start");
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^error: service/${name} did not start: .*noSuchField`));
    assert.match((await status()).problem ?? "", /noSuchField/);
    const asked = await client("get", "nodes");
    assert.deepEqual(
      [asked.code, /^The daemon did not start on .* ago: .*noSuchField/m.test(asked.err)],
      [1, true],
      asked.err,
    );
  });

  it("is removed, and nothing of it is left", async () => {
    await says(ownService("uninstall", "--purge"), `service/${name} deleted\n${dataDir} deleted\n`);
    assert.equal((await service("status")).code, 4);
    assert.ok(!existsSync(dataDir));
    assert.notEqual((await runProgram("reg", "query", sourceKey)).code, 0);
    const { code, err } = await service("uninstall");
    assert.equal(code, 1);
    assert.match(err, /is not installed/);
  });
});

const sourceKey = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${name}`;

describe("wctl daemon --service", { skip }, () => {
  it("runs in the foreground when somebody starts it from a console", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-console-"));
    const dataDir = join(folder, "data");
    const args = ["daemon", "--service", "--data-dir", dataDir, "--listen", "127.0.0.1:0", "--runtime", "memory"];
    const daemon = execFile(built, args);
    try {
      let said = "";
      daemon.stdout!.on("data", (text) => {
        said += text;
      });
      await eventually(() => /^wctld ready https:/m.test(said), "the daemon is ready");
      const log = join(dataDir, "wctld.log");
      await eventually(() => existsSync(log) && readFileSync(log, "utf8").includes("wctld ready"), "its log has it");
    } finally {
      const ended = new Promise((resolve) => daemon.once("exit", resolve));
      daemon.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }
  });
});

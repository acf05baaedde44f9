/** The daemon's own life: ready line, lock, stop, keep, adoption, configuration, a damaged store. Two daemons for all of it: each start has its price. */

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { idleMs } from "../idle-clock.ts";
import { DaemonUnderTest, eventually, isAlive, run, startTimeOf, wctlPath } from "./daemon-under-test.ts";

const sleeper = (name: string, more = ""): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n  command: /bin/sleep\n  args: ["1000"]\n${more.replace(/^(?=.)/gm, "  ")}\n`;

const pidOf = (daemon: DaemonUnderTest, instance: string): Promise<number> =>
  eventually(`${instance} to be ready`, async () => {
    const { status } = await daemon.json("instance", instance);
    return status?.ready ? (status.pid as number) : undefined;
  });

/** In one step, so that no daemon reads half of it. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe("a daemon", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-life-"));
  const config = join(folder, "wctl.yaml");
  let daemon: DaemonUnderTest;
  before(async () => {
    replaceFile(config, "logLevel: info\n");
    daemon = await DaemonUnderTest.start("--config", config);
  });
  after(async () => {
    await daemon.dispose();
    rmSync(folder, { recursive: true });
  });

  it("prints exactly the ready line, writes a kubeconfig for its owner alone", async () => {
    assert.match(
      daemon.readyLine() ?? "",
      new RegExp(`^wctld ready https://127\\.0\\.0\\.1:\\d+ kubeconfig=${daemon.kubeconfig}$`),
    );
    assert.equal(statSync(daemon.kubeconfig).mode & 0o777, 0o600);
    assert.equal(statSync(daemon.dataDir).mode & 0o777, 0o700);
    assert.equal(daemon.stderr, "");
  });

  it("refuses a second daemon on one data directory, and says who holds it", async () => {
    const began = idleMs();
    const second = await run(wctlPath, ["daemon", "--data-dir", daemon.dataDir, "--listen", "127.0.0.1:0"]);
    assert.notEqual(second.code, 0);
    assert.ok(idleMs() - began < 2_000, "the contract is 2 s on an idle machine");
    assert.match(second.stderr, new RegExp(`pid ${daemon.pid}`));
  });

  it("says that its port is taken", async () => {
    const taken = /127\.0\.0\.1:\d+/.exec(daemon.readyLine() ?? "")![0];
    const second = await run(wctlPath, ["daemon", "--data-dir", join(daemon.dir, "second"), "--listen", taken]);
    assert.equal(second.code, 1);
    assert.equal(
      second.stderr,
      `error: --listen: ${taken} is in use by another program, pid ${daemon.pid} (${wctlPath}) of uid ${process.getuid?.()}; choose another port, or 0 for a free one\n`,
    );
  });

  it("answers health and version to everybody, everything else to nobody without credentials", async () => {
    const url = /https:\S+/.exec(daemon.readyLine() ?? "")?.[0];
    const curl = (path: string) => run("/usr/bin/env", ["curl", "-sk", "-w", "%{http_code}", `${url}${path}`]);
    for (const path of ["/healthz", "/livez", "/readyz"]) assert.equal((await curl(path)).stdout, "ok200");
    for (const path of ["/apis", "/metrics", "/apis/wctl.dev/v1/processes"])
      assert.match((await curl(path)).stdout, /"reason":\s*"Unauthorized"[\s\S]*401$/);
  });

  it("survives SIGUSR1 without opening a debugger", async () => {
    process.kill(daemon.pid, "SIGUSR1");
    await daemon.ok("version");
    assert.equal(daemon.stderr, "");
  });

  it("reads its configuration again; a broken one keeps the old and says so", async () => {
    const log = () => readFileSync(join(daemon.dataDir, "wctld.log"), "utf8");
    replaceFile(config, "logLevel: debug\ndefaults: {backoff: {maxSeconds: 7}}\n");
    await eventually("the new configuration", () => log().includes("configuration read again"));
    const maxSeconds = async (name: string): Promise<number> => {
      await daemon.apply(sleeper(name));
      return (await daemon.json("process", name)).spec.backoff.maxSeconds;
    };
    assert.equal(await maxSeconds("web"), 7);
    await eventually("debug lines", () => log().includes('"level":"debug"'));
    replaceFile(config, "logLevel: [\n");
    await eventually("a complaint", () => log().includes("the old one stays in force"));
    assert.equal(await maxSeconds("web2"), 7);
  });

  it("ends at SIGTERM whatever clients do (P24)", async () => {
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(daemon.readyLine() ?? "")![1]);
    const clients: Socket[] = [];
    const begin = async (bytes: string): Promise<void> => {
      const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
      socket.on("error", () => {});
      clients.push(socket);
      await once(socket, "secureConnect");
      socket.pause();
      socket.write(bytes);
    };
    const health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    await begin(`${health}\r\n`.repeat(500));
    await begin(`${health}Content-Length: 1000000\r\n\r\n{`);
    await begin(health);
    clients.push(connectTcp({ host: "127.0.0.1", port }).on("error", () => {}));
    const began = idleMs();
    assert.equal(await daemon.end("SIGTERM"), 0);
    assert.ok(idleMs() - began < 15_000, "the bound is 6 s for connections");
    for (const socket of clients) socket.destroy();
  });
});

describe("how it is called", () => {
  it("exits 2 on wrong flags and configuration, naming the field", async () => {
    const dir = mkdtempSync(join(tmpdir(), "wctl-config-"));
    const config = join(dir, "wctl.yaml");
    writeFileSync(config, "logLevel: info\nretention: {eventSeconds: 60}\n");
    const cases: [string[], RegExp][] = [
      [["--listen", "192.0.2.1:0"], /--listen: 192\.0\.2\.1:0: 192\.0\.2\.1 is no address of this machine/],
      [["--config", config], /wctl\.yaml:2: retention\.eventSeconds: unknown field \(did you mean "eventsSeconds"\?\)/],
      [["--data-dir", "/proc/none/data"], /--data-dir: cannot make \/proc\/none(\/data)?: ENOENT/],
      [["--data-dir", config], /--data-dir: \S+wctl\.yaml is not a folder/],
      [["--bogus"], /--bogus/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await run(wctlPath, [
        "daemon",
        "--data-dir",
        join(dir, "data"),
        "--listen",
        "127.0.0.1:0",
        ...args,
      ]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
    const open = join(dir, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    const refused = await run(wctlPath, ["daemon", "--data-dir", open, "--listen", "127.0.0.1:0"]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /chmod 700/);
    rmSync(dir, { recursive: true });
  });

  it("argv[0] wctld is the daemon", async () => {
    const dir = mkdtempSync(join(tmpdir(), "wctl-argv0-"));
    symlinkSync(wctlPath, join(dir, "wctld"));
    const { code, stdout } = await run(join(dir, "wctld"), ["--help"]);
    rmSync(dir, { recursive: true });
    assert.equal(code, 0);
    assert.match(stdout, /--data-dir DIR/);
  });
});

describe("workloads, over the lives of their daemon", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  afterEach(() => daemon.ok("delete", "processes", "--all", "--timeout=1h"));
  after(() => daemon.dispose());

  it("kill -9: what goes on is adopted, what ended meanwhile is seen, and a finished one-shot is not run again (P1, P2, P3, P6)", async () => {
    const ledger = join(daemon.dir, "ledger");
    const mayEnd = join(daemon.dir, "may-end");
    const oneShot = (name: string, policy: string) =>
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n  command: /bin/sh\n  args: [-c, "echo ${name} >> ${ledger}; until test -e ${mayEnd}; do sleep 0.05; done"]\n  restartPolicy: ${policy}\n`;
    const shots = [oneShot("never", "Never"), oneShot("onfailure", "OnFailure")];
    await daemon.apply([sleeper("web", "replicas: 3"), sleeper("brief"), ...shots].join("---\n"));
    const pids = await Promise.all([0, 1, 2].map((n) => pidOf(daemon, `web-${n}`)));
    const startTimes = pids.map(startTimeOf);
    const brief = await pidOf(daemon, "brief-0");
    const ends = [brief, await pidOf(daemon, "never-0"), await pidOf(daemon, "onfailure-0")];
    await daemon.end("SIGKILL");
    assert.deepEqual(pids.map(startTimeOf), startTimes);
    writeFileSync(mayEnd, "");
    process.kill(brief, "SIGKILL");
    await eventually("all have ended", () => !ends.some(isAlive));
    const door = join(daemon.dataDir, "wctl.sock");
    assert.ok(lstatSync(door).isSocket(), "nobody has tidied up");
    await daemon.start();
    assert.match(
      (await daemon.program("get", "processes", "-v", "6")).stderr,
      new RegExp(` 200 in .* by ${door}$`, "m"),
    );
    assert.deepEqual(await Promise.all([0, 1, 2].map((n) => pidOf(daemon, `web-${n}`))), pids);
    assert.equal((await daemon.json("instance", "web-0")).status.restartCount, 0);
    process.kill(pids[0] ?? 0, "SIGKILL");
    await eventually("it is managed again", async () => (await pidOf(daemon, "web-0")) !== pids[0]);
    await eventually("what ended runs again", async () => (await pidOf(daemon, "brief-0")) !== brief);
    await eventually("its end", async () => (await daemon.json("instance", "never-0")).status.state.terminated);
    assert.deepEqual(readFileSync(ledger, "utf8").trim().split("\n").sort(), ["never", "onfailure"]);
  });

  it("SIGTERM stops them in reverse order of dependsOn, the next start brings them back; --on-stop=keep leaves them", async () => {
    const ledger = join(daemon.dir, "order");
    const traced = (name: string, more = "") =>
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n  command: /bin/sh\n  args: [-c, "trap 'echo ${name} >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & touch ${ledger}.${name}; wait"]\n${more}`;
    const chain = [
      traced("db"),
      traced("app", "  dependsOn: [{name: db}]\n"),
      traced("edge", "  dependsOn: [{name: app}]\n"),
    ];
    await daemon.apply(chain.join("---\n"));
    for (const name of ["db", "app", "edge"])
      await eventually(`${name} to listen`, () => existsSync(`${ledger}.${name}`));
    const first = await pidOf(daemon, "db-0");
    assert.equal(await daemon.end("SIGTERM"), 0);
    assert.equal(readFileSync(ledger, "utf8"), "edge\napp\ndb\n");
    assert.equal(isAlive(first), false);
    await daemon.start("--on-stop=keep");
    const second = await pidOf(daemon, "db-0");
    assert.notEqual(second, first);
    assert.equal(await daemon.end("SIGINT"), 0);
    assert.equal(isAlive(second), true);
    await daemon.start();
    assert.equal(await pidOf(daemon, "db-0"), second);
  });

  it("supervises without its API while others hold the port, and answers when it is free (W8)", async (t) => {
    const squatter = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    t.after(() => squatter.close());
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    await daemon.apply(sleeper("web"));
    const pid = await pidOf(daemon, "web-0");
    await daemon.end("SIGKILL");
    const manifests = join(daemon.dir, "manifests");
    const mark = join(daemon.dir, "started");
    mkdirSync(manifests);
    writeFileSync(
      join(manifests, "new.yaml"),
      sleeper("new").replace("/bin/sleep", "/bin/sh").replace('"1000"', `-c, "echo > ${mark}; exec sleep 1000"`),
    );
    daemon.launch("--listen", `127.0.0.1:${port}`, "--manifests", manifests);
    await eventually("what is new to be started", () => existsSync(mark));
    process.kill(pid, "SIGKILL");
    const log = join(daemon.dataDir, "wctld.log");
    await eventually("who has the port to be told", () =>
      new RegExp(`in use by another program, pid ${process.pid} `).test(daemon.stderr + readFileSync(log, "utf8")),
    );
    assert.equal(daemon.readyLine(), undefined);
    squatter.close();
    await daemon.ready();
    await eventually("what was killed to run again", async () => (await pidOf(daemon, "web-0")) !== pid);
    // Told once for each reason: who has the port is not known any more when it goes just then.
    const told = /^(warning: --listen: .*; workloads are supervised without the API, which is tried again\n){1,2}$/;
    await eventually("it to be told to who started the daemon", () => told.test(daemon.stderr));
  });

  it("supervises without its API while its certificates cannot be made, too", async () => {
    await daemon.apply(sleeper("web"));
    const pid = await pidOf(daemon, "web-0");
    await daemon.end("SIGKILL");
    const pki = join(daemon.dataDir, "pki");
    rmSync(pki, { recursive: true });
    writeFileSync(pki, "");
    daemon.launch();
    await eventually("the reason to be told", () =>
      daemon.stderr.includes(`warning: the certificates in ${pki} can't be read or made: EEXIST`),
    );
    process.kill(pid, "SIGKILL");
    assert.equal(daemon.readyLine(), undefined);
    rmSync(pki);
    await daemon.ready();
    await eventually("what was killed to run again", async () => (await pidOf(daemon, "web-0")) !== pid);
  });

  it("a damaged store: degraded, workloads left alone, writes refused, the way back explained (P12)", async () => {
    await daemon.apply(sleeper("web"));
    const pid = await pidOf(daemon, "web-0");
    await daemon.end("SIGKILL");
    const store = join(daemon.dataDir, "store.db");
    const [good, wal] = [readFileSync(store), readFileSync(`${store}-wal`)];
    rmSync(`${store}-wal`);
    rmSync(`${store}-shm`, { force: true });
    truncateSync(store, 5000);
    try {
      await daemon.start();
      await eventually("it to be told", () => daemon.stderr.includes("degraded"));
      assert.equal(isAlive(pid), true);
      const refused = await daemon.wctlWith({ input: sleeper("other") }, "apply", "-f", "-");
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /ServiceUnavailable/);
      const listed = await daemon.wctl("get", "secrets");
      assert.deepEqual([listed.code, listed.stdout], [1, ""]);
      assert.match(listed.stderr, /ServiceUnavailable/, "what cannot be read is not called empty");
      await daemon.end("SIGTERM");
      assert.equal(isAlive(pid), true, "a degraded daemon stops nothing");
    } finally {
      await daemon.end("SIGKILL");
      writeFileSync(store, good);
      writeFileSync(`${store}-wal`, wal);
    }
    await daemon.start();
    assert.equal(await pidOf(daemon, "web-0"), pid);
  });
});

/** A data directory that was copied, moved or taken over while its workloads run: they have one daemon, always. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually, isAlive, run, startTimeOf, wctlPath } from "./daemon-under-test.ts";

const manifest = `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web}
spec: {command: /bin/sleep, args: ["100000"], stop: {gracePeriodSeconds: 1}}
`;

describe("a copied data directory", { skip: process.platform === "win32" && "Linux programs" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-copied-"));
  const copy = join(folder, "copy");
  let daemon: DaemonUnderTest;
  let pid: number;
  let startTime: string | undefined;
  let token: string;
  const pidOf = (of: DaemonUnderTest): Promise<number> =>
    eventually("web runs", async () => (await of.json("instance", "web-0")).status?.pid as number | undefined);
  const untouched = (): void => {
    assert.equal(startTimeOf(pid), startTime, "the workload of the original goes on");
  };
  const started = (dataDir: string) =>
    run(wctlPath, ["daemon", "--data-dir", dataDir, "--listen", "127.0.0.1:0", "--on-stop", "keep"]);

  before(async () => {
    daemon = await DaemonUnderTest.start("--on-stop", "keep");
    await daemon.apply(manifest);
    pid = await pidOf(daemon);
    startTime = startTimeOf(pid);
    token = await daemon.token();
    assert.ok(await daemon.letsIn(token));
    cpSync(daemon.dataDir, copy, { recursive: true, preserveTimestamps: true });
  });
  after(async () => {
    await daemon.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is refused, with both ways on", async () => {
    const { code, stderr } = await started(copy);
    assert.equal(code, 1);
    assert.match(stderr, /copy is a copy: its files are not the ones that its daemon made/);
    assert.match(stderr, /wctl data take-over --data-dir .*copy/);
    assert.match(stderr, /wctl data renew --data-dir .*copy/);
    untouched();
  });

  it("takes nothing over while the daemon of the original runs, nor when it says that it was no copy", async () => {
    const taken = await run(wctlPath, ["data", "take-over", "--data-dir", copy]);
    assert.equal(taken.code, 1);
    assert.match(
      taken.stderr,
      new RegExp(`the daemon with pid ${daemon.pid} on ${daemon.dataDir} has the same data id`),
    );
    rmSync(join(copy, "origin.json"));
    const { code, stderr } = await started(copy);
    assert.deepEqual([code, /has the same data id/.test(stderr)], [1, true]);
    untouched();
  });

  it("becomes a daemon of its own: its processes are others, and its end leaves those of the original alone", async (t) => {
    const renewed = await run(wctlPath, ["data", "renew", "--data-dir", copy]);
    assert.deepEqual([renewed.code, renewed.stdout], [0, `${copy} renewed\n`]);
    const second = DaemonUnderTest.unstarted();
    t.after(() => second.dispose());
    renameSync(copy, second.dataDir);
    await second.start();
    const own = await eventually("a process of its own", async () => {
      const now = await pidOf(second);
      return now !== pid && isAlive(now) && now;
    });
    const read = (of: DaemonUnderTest, name: string): string => readFileSync(join(of.dataDir, name), "utf8");
    for (const name of ["data-id", "run-key", "pki/ca.crt", "tokens.key"])
      assert.notEqual(read(second, name), read(daemon, name));
    const stranger = await run(wctlPath, [
      "get",
      "processes",
      "--kubeconfig",
      daemon.kubeconfig,
      "--server",
      serverOf(second),
    ]);
    assert.equal(stranger.code, 1, "the credentials of the original do not open it");
    assert.deepEqual([await second.letsIn(token), await second.letsIn(await second.token())], [false, true]);
    const [before, after] = [daemon, second].map((of) => read(of, "audit/audit.log"));
    assert.ok(after!.startsWith(before!) && after!.length > before!.length, "who did what so far is known there too");
    await daemon.end("SIGKILL");
    await daemon.start(); // The old one, again: each has its own, and the other's goes on.
    assert.deepEqual([await pidOf(daemon), await pidOf(second)], [pid, own]);
    await second.dispose();
    assert.equal(isAlive(own), false);
    untouched();
  });

  it("goes on as the original after take-over, and adopts what runs", async () => {
    await daemon.end("SIGKILL");
    const moved = join(folder, "moved");
    cpSync(daemon.dataDir, moved, { recursive: true });
    rmSync(daemon.dataDir, { recursive: true });
    renameSync(moved, daemon.dataDir);
    assert.equal((await started(daemon.dataDir)).code, 1);
    const asked = await daemon.wctl("get", "processes");
    assert.deepEqual([asked.code, asked.stdout], [1, ""]);
    assert.match(asked.stderr, sentence);
    const why = await daemon.wctl("why", "web");
    assert.deepEqual([why.code, why.stderr], [1, ""]);
    assert.match(why.stdout, /^Cause: {3}DataDirCopied: The daemon did not start on .*: its files are not/m);
    assert.match(why.stdout, /^Advice: {2}To go on with this one .*\n {9}To run both/m);
    const other = join(folder, "other");
    cpSync(daemon.dataDir, other, { recursive: true });
    const takeOver = (dataDir: string) => run(wctlPath, ["data", "take-over", "--data-dir", dataDir]);
    const both = await Promise.all([takeOver(daemon.dataDir), takeOver(daemon.dataDir), takeOver(other)]);
    for (const { code, stderr } of both.filter((one) => one.code !== 0))
      assert.match(`${code} ${stderr}`, /^1 error: .*(is in use by|has the same data id)/);
    const taken = await takeOver(daemon.dataDir);
    assert.deepEqual([taken.code, taken.stdout], [0, `${daemon.dataDir} taken over\n`]);
    assert.equal((await takeOver(other)).code, 0);
    assert.match((await daemon.wctl("get", "processes")).stderr, /Is the daemon running\?/, "it is no copy any more");
    await daemon.start();
    assert.equal(await pidOf(daemon), pid);
    const late = await started(other);
    assert.deepEqual(
      [late.code, /has the same data id/.test(late.stderr)],
      [1, true],
      "of two that took over one runs",
    );
    untouched();
  });

  it("is not the only reason that is told: wrong flags and configuration are, and who has the port of the API", async (t) => {
    await daemon.end("SIGKILL");
    const wrong: [flags: string[], told: RegExp][] = [
      [["--lisen", "x"], /^The daemon did not start on .* ago: Unknown option '--lisen'/m],
      [["--config", join(folder, "none.yaml")], /^The daemon did not start on .* ago: --config: .*none\.yaml/m],
    ];
    for (const [flags, told] of wrong) {
      assert.equal((await run(wctlPath, ["daemon", "--data-dir", daemon.dataDir, ...flags])).code, 2);
      assert.match((await daemon.wctl("get", "processes")).stderr, told);
    }
    const squatter = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    t.after(() => squatter.close());
    await once(squatter, "listening");
    daemon.launch("--listen", `127.0.0.1:${(squatter.address() as AddressInfo).port}`);
    await eventually("who has the port to be told", async () =>
      new RegExp(`^The daemon with pid ${daemon.pid} supervises .* by another program, pid ${process.pid} `, "m").test(
        (await daemon.wctl("get", "processes")).stderr,
      ),
    );
    squatter.close();
    await daemon.ready();
    assert.equal(existsSync(join(daemon.dataDir, "daemon-note.json")), false);
    untouched();
  });

  it("that was only moved, or that a version made which knew no copies, goes on by itself", async () => {
    await daemon.end("SIGKILL");
    const aside = join(daemon.dir, "aside");
    renameSync(daemon.dataDir, aside);
    renameSync(aside, daemon.dataDir);
    await daemon.start();
    assert.equal(await pidOf(daemon), pid);
    await daemon.end("SIGKILL");
    rmSync(join(daemon.dataDir, "origin.json"));
    await daemon.start();
    assert.equal(await pidOf(daemon), pid);
    untouched();
  });
});

/** What every verb says. */
const sentence =
  /^The daemon did not start on .*, \d+s ago: .* is a copy: its files are not the ones that its daemon made\nTo go on with this one .*: wctl data take-over --data-dir .*\nTo run both, .*: wctl data renew --data-dir .*\n$/m;

const serverOf = (daemon: DaemonUnderTest): string => /https:\S+/.exec(daemon.readyLine()!)![0];

/** A backup is made while the daemon works, and makes a daemon that has everything, beside the old one or in its place. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually, isAlive, run, startTimeOf, wctlPath } from "./daemon-under-test.ts";

const manifest = `apiVersion: v1
kind: Secret
metadata: {name: password}
stringData: {word: canary-of-the-backup}
---
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web}
spec: {command: /bin/sleep, args: ["100000"], stop: {gracePeriodSeconds: 1}}
`;

describe("a backup", { skip: process.platform === "win32" && "Linux programs" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-backup-"));
  const file = join(folder, "wctl.backup");
  let daemon: DaemonUnderTest;
  let pid: number;
  let startTime: string | undefined;
  let token: string;
  const pidOf = (of: DaemonUnderTest): Promise<number> =>
    eventually("web runs", async () => (await of.json("instance", "web-0")).status?.pid as number | undefined);
  const word = async (of: DaemonUnderTest): Promise<string> =>
    Buffer.from((await of.json("secret", "password")).data.word, "base64").toString();
  const restore = (...args: string[]) => run(wctlPath, ["restore", file, ...args]);
  const passphrase = join(folder, "passphrase");

  before(async () => {
    const config = join(folder, "config.yaml");
    writeFileSync(config, "logLevel: info\n", { mode: 0o600 });
    daemon = await DaemonUnderTest.start("--on-stop", "keep", "--config", config);
    await daemon.apply(manifest);
    pid = await pidOf(daemon);
    startTime = startTimeOf(pid);
    token = await daemon.token();
  });
  after(async () => {
    await daemon.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is written for its owner alone, and never over a file", async () => {
    assert.match(await daemon.ok("backup", file), /wctl\.backup written \(1\d files, \d+ bytes\)/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const before = readFileSync(file, "utf8");
    assert.equal(before.includes("canary-of-the-backup"), false);
    const again = await daemon.wctl("backup", file);
    assert.deepEqual([again.code, again.stderr], [1, `error: ${file} exists; choose another name\n`]);
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("may have a passphrase, and then shows and gives nothing without", async () => {
    writeFileSync(passphrase, "correct horse\n", { mode: 0o600 });
    const sealed = join(folder, "sealed");
    await daemon.ok("backup", sealed, "--passphrase-file", passphrase);
    assert.equal(readFileSync(sealed, "utf8").includes("store.db"), false);
    const refused = await run(wctlPath, ["restore", sealed, "--data-dir", join(folder, "sealed-data")]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /has a passphrase: name its file with --passphrase-file/);
    assert.equal(existsSync(join(folder, "sealed-data")), false);
    const other = await restore("--data-dir", join(folder, "sealed-data"), "--passphrase-file", passphrase);
    assert.deepEqual([other.code, /it has no passphrase/.test(other.stderr)], [1, true]);
    renameSync(sealed, file);
  });

  it("that cannot be written leaves nothing", async () => {
    const full = await daemon.wctl("backup", "/dev/full/wctl.backup");
    assert.equal(full.code, 1);
    const refused = await run(wctlPath, ["backup", join(folder, "none"), "--kubeconfig", "/dev/null"]);
    assert.equal(refused.code, 1);
    assert.equal(existsSync(join(folder, "none")), false);
  });

  it("becomes a daemon of its own beside the old one, which is not touched", async (t) => {
    const second = DaemonUnderTest.unstarted();
    t.after(() => second.dispose());
    mkdirSync(second.dataDir);
    writeFileSync(join(second.dataDir, "other"), "");
    const restored = await restore("--data-dir", second.dataDir, "--force", "--passphrase-file", passphrase);
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(
      restored.stdout,
      /the old one is .*\.before-.*\n.*data restored from the backup of 20.*\nits configuration: wctl daemon --config .*config\.yaml\n/,
    );
    await second.start();
    assert.equal(await word(second), "canary-of-the-backup");
    assert.deepEqual([await second.letsIn(token), await second.letsIn(await second.token())], [false, true]);
    const audited = readFileSync(join(second.dataDir, "audit/audit.log"), "utf8").trim().split("\n");
    assert.equal(audited.length, 2, "its log has that token and nothing else");
    const own = await eventually("a process of its own", async () => {
      const now = await pidOf(second);
      return now !== pid && isAlive(now) && now;
    });
    await second.dispose();
    assert.equal(isAlive(own), false);
    assert.equal(startTimeOf(pid), startTime);
  });

  it("takes over no daemon that runs; afterwards it goes on in its place, with its processes and its kubeconfig", async () => {
    const elsewhere = join(folder, "elsewhere");
    const refused = await restore("--data-dir", elsewhere, "--take-over", "--passphrase-file", passphrase);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the daemon with pid \d+ on .* has the same data id, .*; stop it first/);
    assert.equal(existsSync(elsewhere), false);

    await daemon.end("SIGKILL");
    const lost = join(folder, "lost");
    renameSync(daemon.dataDir, lost);
    const restored = await restore("--data-dir", daemon.dataDir, "--take-over", "--passphrase-file", passphrase);
    assert.equal(restored.code, 0, restored.stderr);
    for (const name of ["pki/ca.crt", "data-id"]) {
      assert.deepEqual(readFileSync(join(daemon.dataDir, name)), readFileSync(join(lost, name)));
    }
    await daemon.start();
    assert.equal(await word(daemon), "canary-of-the-backup");
    assert.equal(await pidOf(daemon), pid, "what runs is adopted");
    assert.equal(await daemon.letsIn(token), false, "a token is for the daemon that made it");
    const log = "audit/audit.log";
    assert.match(readFileSync(join(lost, log), "utf8"), /default\/token/, "what was done so far is where it was");
    assert.equal(existsSync(join(daemon.dataDir, log)), false, "the next change begins another");
  });
});

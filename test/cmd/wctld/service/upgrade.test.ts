import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Replacement, replaceProgram } from "../../../../cmd/wctld/service/upgrade.ts";

/** Programs are scripts here that say their version, as `wctl version --client -o json` does. */
const scriptOf = (version: string): string => `#!/bin/sh\necho '{"clientVersion":{"gitVersion":"v${version}"}}'\n`;

const skip = process.getuid === undefined ? "test/win32/service.test.ts does this with programs of Windows" : false;

describe("an upgrade in place", { skip }, () => {
  let folder: string;
  let installed: string;
  let log: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-upgrade-"));
    installed = join(folder, "wctl.exe");
    writeFileSync(installed, scriptOf("1.2.0"), { mode: 0o755 });
    log = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const replacement = (version: string, changes: Partial<Replacement> = {}): Replacement => {
    const program = join(folder, `new-${version}`);
    writeFileSync(program, scriptOf(version), { mode: 0o755 });
    return {
      program,
      version,
      installed,
      allowDowngrade: false,
      stop: async () => void log.push("stop"),
      start: async () => void log.push(`start ${versionThere()}`),
      ...changes,
    };
  };
  const versionThere = (): string => /v([\d.]+)/.exec(readFileSync(installed, "utf8"))![1]!;
  const isTidy = (): boolean => !existsSync(`${installed}.new`) && !existsSync(`${installed}.old`);

  it("stops the old, exchanges, and starts the new", async () => {
    assert.deepEqual(await replaceProgram(replacement("1.3.0")), { from: "1.2.0", to: "1.3.0" });
    assert.deepEqual(log, ["stop", "start 1.3.0"]);
    assert.ok(isTidy());
  });

  it("puts the old program back, and starts it, when the new one does not come up", async () => {
    const start = async (): Promise<void> => {
      log.push(`start ${versionThere()}`);
      if (versionThere() === "1.3.0") throw new Error("the port is taken");
    };
    await assert.rejects(replaceProgram(replacement("1.3.0", { start })), {
      message: "the port is taken; the old program is back in its place and runs again",
    });
    assert.deepEqual(log, ["stop", "start 1.3.0", "stop", "start 1.2.0"]);
    assert.ok(isTidy());
  });

  it("says so when the old one does not come up either", async () => {
    const start = (): Promise<void> => Promise.reject(new Error("the disk is full"));
    await assert.rejects(replaceProgram(replacement("1.3.0", { start })), {
      message: "the disk is full; the old program is back in its place but does not start either: the disk is full",
    });
    assert.equal(versionThere(), "1.2.0");
  });

  it("changes nothing when the old one can't be stopped", async () => {
    const stop = (): Promise<void> => Promise.reject(new Error("it is still stopping"));
    await assert.rejects(replaceProgram(replacement("1.3.0", { stop })), /still stopping/);
    assert.equal(versionThere(), "1.2.0");
    assert.ok(isTidy());
  });

  it("goes back to an older version only when somebody insists", async () => {
    for (const version of ["1.1.9", "0.9.0", "1.1.10-rc.1"]) {
      await assert.rejects(replaceProgram(replacement(version)), /1\.2\.0 is newer .* --allow-downgrade/);
    }
    assert.deepEqual(log, []);
    await replaceProgram(replacement("1.1.9", { allowDowngrade: true }));
    assert.equal(versionThere(), "1.1.9");
    await replaceProgram(replacement("1.10.0"));
    assert.equal(versionThere(), "1.10.0", "10 is more than 9");
  });

  it("takes up after one that was cut off between its two renames", async () => {
    renameSync(installed, `${installed}.old`);
    writeFileSync(`${installed}.new`, "half a program");
    assert.deepEqual(await replaceProgram(replacement("1.3.0")), { from: "1.2.0", to: "1.3.0" });
    assert.ok(isTidy());
  });

  it("does not replace a program by itself", async () => {
    await assert.rejects(replaceProgram({ ...replacement("1.3.0"), program: installed }), /is this very program/);
  });
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readNoAnswer } from "../../../../cmd/wctl/no-answer/read-no-answer.ts";

const isWindows = process.getuid === undefined;

describe("word of a daemon in its data directory", () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-no-answer-"));
  after(() => rmSync(root, { recursive: true }));
  const folder = (): string => mkdtempSync(join(root, "data-"));
  const now = new Date();
  const at = now.toISOString();
  const note = { state: "NotStarted", reason: "DataDirCopied", message: "it is a copy", ways: [], at, pid: 1 };
  const noted = (): string => {
    const dataDir = folder();
    writeFileSync(join(dataDir, "daemon-note.json"), JSON.stringify(note));
    return dataDir;
  };
  const held = (pid: number, startedAt: string): string => {
    const dataDir = folder();
    writeFileSync(join(dataDir, "daemon.json"), JSON.stringify({ pid, startedAt }));
    return dataDir;
  };

  it("is read in the first place that has any", () => {
    const dataDir = noted();
    const why = readNoAnswer([join(root, "none"), folder(), dataDir, noted()], now);
    assert.equal(why?.sentence, `The daemon did not start on ${dataDir}, 0s ago: it is a copy`);
    assert.equal(readNoAnswer([folder()], now), undefined);
  });

  it("tells of a daemon that holds it, not of one that was killed, nor of one before the machine was started", () => {
    assert.equal(readNoAnswer([held(process.pid, at)], now)?.reason, "DaemonSilent");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    assert.equal(readNoAnswer([held(pid, at)], now), undefined);
    assert.equal(readNoAnswer([held(process.pid, "2001-01-01T00:00:00.000Z")], now), undefined);
  });

  it("is not looked for in what is too large, a link, or a pipe that nobody writes to", () => {
    const large = folder();
    writeFileSync(join(large, "daemon-note.json"), JSON.stringify({ ...note, more: "x".repeat(100_000) }));
    assert.equal(readNoAnswer([large], now), undefined);
    if (isWindows) return;
    const [linked, piped] = [folder(), folder()];
    symlinkSync(join(noted(), "daemon-note.json"), join(linked, "daemon-note.json"));
    spawnSync("/usr/bin/mkfifo", [join(piped, "daemon-note.json")]);
    assert.equal(readNoAnswer([linked, piped], now), undefined);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readOrCreateDataId } from "../../runtime/data-id.ts";
import { decodeExit, nameOfCode } from "../../runtime/exit-codes.ts";
import { buildEnvironment, identityIn, withVariables } from "../../runtime/runs/environment.ts";
import { decodeName, encodeName } from "../../runtime/runs/folder-name.ts";
import { parseRecord } from "../../runtime/runs/run-record.ts";

const finishedAt = "2026-01-01T00:00:00.000Z";

describe("exit codes", () => {
  it("have the names that people search for", () => {
    assert.deepEqual(decodeExit({ code: 0, finishedAt }), { reason: "Completed" });
    assert.deepEqual(decodeExit({ code: 1, finishedAt }), { reason: "Error" });
    assert.deepEqual(decodeExit({ code: 127, finishedAt }), { reason: "CommandNotFound" });
    assert.deepEqual(decodeExit({ code: 0xc0000005, finishedAt }), {
      reason: "AccessViolation",
      exitCodeHex: "0xC0000005",
    });
    assert.deepEqual(decodeExit({ code: -1073741819, finishedAt }), {
      reason: "AccessViolation",
      exitCodeHex: "0xC0000005",
    });
    assert.deepEqual(decodeExit({ signal: "SIGSEGV", finishedAt }), { reason: "SIGSEGV" });
    assert.deepEqual(decodeExit({ signal: "SIGKILL", outOfMemory: true, finishedAt }), { reason: "OOMKilled" });
    assert.deepEqual(decodeExit({ unknown: true, finishedAt }), { reason: "Unknown" });
    assert.equal(nameOfCode(0xc000013a), "ControlCExit");
    assert.equal(nameOfCode(5), undefined);
  });

  it("come with a hint where the name alone does not help", () => {
    const { reason, exitCodeHex, hint } = decodeExit({ code: 0xc0000142, finishedAt });
    assert.deepEqual({ reason, exitCodeHex }, { reason: "DllInitFailed", exitCodeHex: "0xC0000142" });
    assert.match(hint ?? "", /desktop heap.*SharedSection/);
    assert.match(decodeExit({ code: 0xc000013a | 0, finishedAt }).hint ?? "", /Ctrl-C/);
    assert.equal(decodeExit({ code: 0xc0000005, finishedAt }).hint, undefined);
  });
});

describe("the environment", () => {
  const identity = { uid: "u-1", run: 3, dataId: "0123456789abcdef" };

  it("of a probe has its own variables beside those of the run, and its own win", () => {
    const env = ["Path=a", "B=1", "C=x=y"];
    assert.deepEqual(withVariables(env, { B: "2", PATH: "b" }), ["Path=a", "C=x=y", "B=2", "PATH=b"]);
    assert.deepEqual(withVariables(env, { PATH: "b" }, { ignoreCase: true }), ["B=1", "C=x=y", "PATH=b"]);
    assert.deepEqual(withVariables(env, {}), env);
  });

  it("takes declared over base and identity over both", () => {
    const entries = buildEnvironment({
      base: { A: "base", B: "base" },
      declared: { B: "mine", WCTL_RUN: "7" },
      identity,
      stateDir: "/home",
    });
    assert.deepEqual(entries, [
      "A=base",
      "B=mine",
      "WCTL_RUN=3",
      "WCTL_STATE_DIR=/home",
      "WCTL_INSTANCE_UID=u-1",
      "WCTL_DATA_ID=0123456789abcdef",
    ]);
  });

  it("knows one variable under two spellings where the system does", () => {
    const entries = buildEnvironment({
      base: { Path: "C:\\Windows" },
      declared: { PATH: "D:\\" },
      identity,
      stateDir: "C:\\home",
      ignoreCase: true,
    });
    assert.deepEqual(
      entries.filter((entry) => /^path=/i.test(entry)),
      ["PATH=D:\\"],
    );
  });

  it("gives its identity back, whatever is declared beside it", () => {
    const value = fc.string().map((text) => text.replaceAll("\0", ""));
    const name = value.map((text) => `V${text.replaceAll("=", "")}`);
    fc.assert(
      fc.property(fc.dictionary(name, value), (declared) => {
        const block = `${buildEnvironment({ base: {}, declared, identity, stateDir: "/home" }).join("\0")}\0`;
        assert.deepEqual(identityIn(block), identity);
      }),
    );
  });

  it("has no identity without all three marks", () => {
    assert.equal(identityIn(""), undefined);
    assert.equal(identityIn("WCTL_RUN=1\0WCTL_DATA_ID=x\0"), undefined);
    assert.equal(identityIn("XWCTL_INSTANCE_UID=a\0WCTL_RUN=1\0WCTL_DATA_ID=x\0"), undefined);
    assert.equal(identityIn("WCTL_INSTANCE_UID=a\0WCTL_RUN=one\0WCTL_DATA_ID=x\0"), undefined);
  });

  it("counts no run that nobody could start, and knows no uid that nobody has", () => {
    const block = (uid: string, run: string) => `WCTL_INSTANCE_UID=${uid}\0WCTL_RUN=${run}\0WCTL_DATA_ID=x\0`;
    assert.equal(identityIn(block("a", "2147483647"))?.run, 2 ** 31 - 1);
    for (const run of ["2147483648", "99999999999999999999", "0", "01", "-1", "1e3", "1.5", ""]) {
      assert.equal(identityIn(block("a", run)), undefined, run);
    }
    for (const uid of ["", "x".repeat(101)]) assert.equal(identityIn(block(uid, "1")), undefined);
  });
});

describe("names of folders", () => {
  it("never leave their folder, never meet, and can be read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (uid) => {
        const name = encodeName(uid);
        assert.match(name, /^[a-z0-9%-]+$/);
        assert.equal(decodeName(name), uid.toWellFormed());
      }),
    );
    assert.equal(encodeName("../x"), "%2e%2e%2fx");
    assert.notEqual(encodeName("A"), encodeName("a"));
    assert.throws(() => encodeName(""));
  });
});

describe("run records", () => {
  const intent = JSON.stringify({
    run: 2,
    startedAt: finishedAt,
    stdout: "/x",
    logs: { maxSize: 1, maxFiles: 1, stderr: "Merge" },
    limits: {},
    unenforced: [],
  });

  it("are read line by line, later lines adding to earlier ones", () => {
    const record = parseRecord(`${intent}\n{"pid":7}\n{"exit":{"unknown":true}}\n{"exit":{"code":0}}\n`);
    assert.equal(record?.pid, 7);
    assert.deepEqual(record?.exit, { code: 0 });
  });

  it("of any bytes are a record or none, never an exception", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(300), (junk, cut) => {
        parseRecord(junk);
        const record = parseRecord(
          `${intent}\n${junk.replaceAll("\n", "")}\n{"pid":7}\n`.slice(0, cut + intent.length),
        );
        assert.ok(record === undefined || record.run === 2);
      }),
    );
  });
});

describe("the id of a data directory", () => {
  it("is made once and kept; a damaged one is refused", () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-data-id-"));
    try {
      const id = readOrCreateDataId(folder);
      assert.match(id, /^[0-9a-f]{16}$/);
      assert.equal(readOrCreateDataId(folder), id);
      writeFileSync(join(folder, "data-id"), "gone");
      assert.throws(() => readOrCreateDataId(folder), /16 hexadecimal digits/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

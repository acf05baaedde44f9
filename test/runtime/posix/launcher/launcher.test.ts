import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { callList } from "../../../../runtime/posix/launcher/call-list.ts";
import { type ExecRequest, launchCalls } from "../../../../runtime/posix/launcher/launch-calls.ts";
import { programFor } from "../../../../runtime/posix/launcher/launcher.ts";
import { LIST_ADDRESS, LIST_LENGTH, machineCodes } from "../../../../runtime/posix/launcher/machine-code.ts";
import { callNumbers } from "../../../../runtime/posix/launcher/system-calls.ts";

const assemblers: Record<string, { program: string; first: string }> = {
  x64: {
    program: process.arch === "x64" ? "/usr/bin/as" : "/usr/bin/x86_64-linux-gnu-as",
    first: ".intel_syntax noprefix\n",
  },
  arm64: { program: process.arch === "arm64" ? "/usr/bin/as" : "/usr/bin/aarch64-linux-gnu-as", first: "" },
};

for (const [arch, { listing }] of Object.entries(machineCodes)) {
  const { program, first } = assemblers[arch]!;
  const skip = !existsSync(program) && `needs ${program}`;
  it(`the launcher's machine code for ${arch} is what its instructions say`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-as-"));
    try {
      const [source, object] = [join(folder, "a.s"), join(folder, "a.o")];
      writeFileSync(source, `${first}${listing.map(([, instruction]) => instruction).join("\n")}\n`);
      const { status, stderr } = spawnSync(program, [source, "-o", object], { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const code = listing.map(([bytes]) => bytes).join("");
      assert.ok(readFileSync(object).toString("hex").includes(code));
      assert.ok(programFor(arch)!.toString("hex").endsWith(code));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

describe("a list of calls", () => {
  it("holds what the calls point at, where the launcher will have it", () => {
    const list = callList([
      { name: "a", number: 7, args: [-1, "hi", ["x", "yz"]] },
      { name: "b", number: 8, args: [new Uint8Array([1, 2])], mayFail: true },
    ]);
    const at = (address: number) => Number(list.readBigUInt64LE(address)) - LIST_ADDRESS;
    const text = (offset: number) => list.toString("utf8", offset, list.indexOf(0, offset));
    assert.equal(list.readBigUInt64LE(0), 7n);
    assert.equal(list.readBigInt64LE(8), -1n);
    assert.equal(text(at(16)), "hi");
    assert.deepEqual([text(at(at(24))), text(at(at(24) + 8)), list.readBigUInt64LE(at(24) + 16)], ["x", "yz", 0n]);
    assert.deepEqual([list.readBigUInt64LE(56), list.readBigUInt64LE(64), list.readBigUInt64LE(120)], [0n, 8n, 1n]);
    assert.deepEqual([...list.subarray(at(72), at(72) + 2)], [1, 2]);
  });

  it("is refused when it is larger than what the launcher maps", () => {
    assert.throws(() => callList([{ name: "a", number: 0, args: ["x".repeat(LIST_LENGTH)] }]), { code: "E2BIG" });
  });
});

describe("the way to the workload", () => {
  const execRequest: ExecRequest = {
    image: "/bin/x",
    argv: ["x"],
    env: ["LD_PRELOAD=/evil.so"],
    attributes: { keyrings: true, lastCapability: 2, oomScore: 200, openFiles: { soft: 1, hard: 2 }, nice: 0 },
    credentials: { uid: 5, gid: 6, groups: [6, 7] },
  };
  for (const [arch, numbers] of Object.entries(callNumbers)) {
    const calls = (more: Partial<ExecRequest> = {}) => launchCalls({ ...execRequest, ...more }, numbers);
    it(`on ${arch} drops every right before the environment exists, and may fail in none of it`, () => {
      const names = calls().map(({ name }) => name);
      const drop = [
        "keyctl",
        "prctl",
        "prctl",
        "prctl",
        "prctl",
        "setgroups",
        "setresgid",
        "setresuid",
        "capset",
        "prctl",
      ];
      assert.deepEqual(names.slice(-drop.length - 1), [...drop, "execve"]);
      assert.ok(
        calls()
          .slice(-drop.length - 1)
          .every(({ mayFail }) => !mayFail),
      );
      assert.deepEqual(
        calls()
          .filter(({ args }) => JSON.stringify(args).includes("evil"))
          .map(({ name }) => name),
        ["execve"],
      );
    });

    it(`on ${arch} goes where it shall begin with the rights that are left`, () => {
      const names = calls({ workingDir: "/srv" }).map(({ name, mayFail }) => [name, mayFail ?? false]);
      assert.deepEqual(names.slice(-3), [
        ["prctl", false],
        ["chdir", false],
        ["execve", false],
      ]);
    });

    it(`on ${arch} joins its groups, waits at the gate and writes its limits while it has every right`, () => {
      const gate = { fd: 20, writes: [{ file: "/pids/pids.max", value: "20" }] };
      const first = calls({ placement: { joins: ["/cpu/tasks"], gate } }).slice(2, 11);
      const told = first.map(({ name, args: [, path], mayFail = false }) => [name, mayFail, path]);
      const join = "joining its cgroup";
      assert.deepEqual(told, [
        [join, false, "/cpu/tasks"],
        [join, false, Buffer.from("0")],
        [join, false, undefined],
        ["read", false, 0],
        ["close", false, undefined],
        ["openat", true, "/pids/pids.max"],
        ["write", true, Buffer.from("20")],
        ["close", true, undefined],
        ["openat", true, "/proc/self/oom_score_adj"],
      ]);
    });

    it(`on ${arch} leaves the daemon's own account as it is`, () => {
      const { credentials: _, ...own } = execRequest;
      const names = launchCalls(own, numbers).map(({ name }) => name);
      assert.deepEqual(names, [
        "fcntl",
        "close",
        "openat",
        "write",
        "close",
        "umask",
        "prlimit64",
        "setpriority",
        "execve",
      ]);
    });
  }
});

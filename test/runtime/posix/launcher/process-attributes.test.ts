import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { oomScoreFrom, openFilesFrom } from "../../../../runtime/posix/launcher/process-attributes.ts";
import { bundled } from "../../../bundled.ts";

const isRoot = process.geteuid!() === 0;
const host = await bundled(new URL("../few-runs-host.ts", import.meta.url));
const numbers = { x64: { keyctl: 250, addKey: 248 }, arm64: { keyctl: 219, addKey: 217 } }[process.arch as "x64"];

/** Each promise holds for a start as the daemon's own account and for one as another's. */
const accounts: [string, object][] = [
  ["the daemon's account", {}],
  ...(isRoot ? ([["another account", { runAs: { account: "nobody" }, workingDir: "/" }]] as [string, object][]) : []),
];

const findKey = `print(syscall(${numbers.keyctl}, 10, -3, my $t = "user", my $n = "wctl-secret", 0) > 0 ? "found" : "none");`;
/** Begins a session keyring with a key in it, says whether that is found, and becomes what the arguments say. */
const withKey = `$| = 1; syscall(${numbers.keyctl}, 1, 0) > 0 or exit 9;
  syscall(${numbers.addKey}, my $t = "user", my $n = "wctl-secret", my $v = "s", 1, -3) > 0 or exit 9;
  ${findKey} print "\\n"; exec @ARGV`;

/** What a daemon could be started with, all of it. The shell stays: it is asked which limit of open files it has. */
const STARTER = `ulimit -Sn 512; umask 077; trap '' HUP PIPE USR2
  perl -e '${withKey}' ${isRoot ? "nice -n 7" : ""} "$@"; exit $?`;

/** What a workload finds, a line for each. */
const found: [what: string, script: string][] = [
  ["open files", 'echo "$(ulimit -Sn) $(test "$(ulimit -Hn)" -gt 512 && echo more)"'],
  ["umask", "umask"],
  ["nice", "nice"],
  ["signals", "echo $(grep -E '^Sig(Blk|Ign)' /proc/$$/status)"],
  ["memory", "echo $(cat /proc/self/oom_score_adj /proc/$PPID/oom_score_adj 2>&-)"],
  ["key", `perl -e '${findKey}'`],
];

/** What the starter says of its key, and what the workload of each account has found. */
function started(): { key: string; workloads: Record<string, string>[] } {
  const folder = mkdtempSync(join(tmpdir(), "wctl-around-"));
  const args = ["-c", found.map(([, script]) => script).join("\n")];
  const specs = JSON.stringify(accounts.map(([, as]) => ({ command: "/bin/sh", args, ...as })));
  const daemon = [process.execPath, "--disable-warning=ExperimentalWarning", host, join(folder, "data"), specs];
  try {
    const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", STARTER, "sh", ...daemon], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const [key = "", outputs = ""] = stdout.split("\n");
    const workloads = (JSON.parse(outputs) as string[]).map((output) => {
      const lines = output.trimEnd().split("\n");
      return Object.fromEntries(found.map(([what], index) => [what, lines[index] ?? ""]));
    });
    return { key, workloads };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const around = started();

for (const [index, [whose]] of accounts.entries()) {
  const workload = around.workloads[index]!;
  describe(`whatever the daemon was started with, a workload of ${whose} begins`, () => {
    it("with the soft limit of open files that the daemon was given, though Node raises its own", () => {
      assert.equal(workload["open files"], "512 more");
    });

    it("with the usual umask and without a nice value of the daemon's", {
      skip: !isRoot && "only root may lower it",
    }, () => {
      assert.deepEqual([workload.umask, workload.nice], ["0022", "0"]);
    });

    it("with no signal ignored or blocked", () => {
      assert.equal(workload.signals, `SigBlk: ${"0".repeat(16)} SigIgn: ${"0".repeat(16)}`);
    });

    it("as one that the system ends before the daemon when there is no memory left", () => {
      assert.equal(workload.memory, "200 0");
    });

    it("with a session keyring of its own: keys of whoever started the daemon are not found in it", () => {
      assert.deepEqual([around.key, workload.key], ["found", "none"]);
    });
  });
}

describe("the attributes of workloads", () => {
  it("have the soft limit of whoever started the daemon, or the usual one", () => {
    const raised = { soft: 20_000, hard: 20_000 };
    const cases: [string, Parameters<typeof openFilesFrom>, ReturnType<typeof openFilesFrom>][] = [
      ["a shell's", [raised, { soft: 512, hard: 20_000 }], { soft: 512, hard: 20_000 }],
      ["a shell's that lowered the hard one for us", [raised, { soft: 30_000, hard: 30_000 }], raised],
      ["nobody left to ask", [raised, undefined], { soft: 1024, hard: 20_000 }],
      ["nobody left to ask, and less is allowed", [{ soft: 256, hard: 256 }, undefined], { soft: 256, hard: 256 }],
      [
        "Node has not raised it",
        [
          { soft: 512, hard: 20_000 },
          { soft: 1024, hard: 20_000 },
        ],
        undefined,
      ],
    ];
    for (const [what, given, expected] of cases) assert.deepEqual(openFilesFrom(...given), expected, what);
  });

  it("let workloads go first, and never protect them because the daemon is", () => {
    assert.deepEqual([-1000, -500, 0, 300, 900, 1000].map(oomScoreFrom), [200, 200, 200, 500, 1000, 1000]);
  });
});

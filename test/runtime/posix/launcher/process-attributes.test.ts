import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { oomScoreFrom, openFilesFrom } from "../../../../runtime/posix/launcher/process-attributes.ts";
import { bundled } from "../../../bundled.ts";

const isRoot = process.geteuid!() === 0;
const host = await bundled(new URL("../one-run-host.ts", import.meta.url));
const numbers = { x64: { keyctl: 250, addKey: 248 }, arm64: { keyctl: 219, addKey: 217 } }[process.arch as "x64"];

/** What a workload prints whose daemon was started by `starter`, a script of sh that runs "$@" as the daemon. */
function printed(starter: string, script: string, more: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "wctl-around-"));
  const spec = JSON.stringify({ command: "/bin/sh", args: ["-c", script], ...more });
  const daemon = [process.execPath, "--disable-warning=ExperimentalWarning", host, join(folder, "data"), spec];
  try {
    const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", starter, "sh", ...daemon], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout.trimEnd();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each promise holds for a start as the daemon's own account and for one as another's. */
const accounts: [string, object][] = [
  ["the daemon's account", {}],
  ...(isRoot ? ([["another account", { runAs: { account: "nobody" }, workingDir: "/" }]] as [string, object][]) : []),
];

for (const [whose, as] of accounts) {
  describe(`whatever the daemon was started with, a workload of ${whose} begins`, () => {
    it("with the soft limit of open files that the daemon was given, though Node raises its own", () => {
      assert.equal(
        printed('ulimit -Sn 512; "$@"; exit $?', 'ulimit -Sn; test "$(ulimit -Hn)" -gt 512 && echo more', as),
        "512\nmore",
      );
    });

    it("with the usual umask and without a nice value of the daemon's", {
      skip: !isRoot && "only root may lower it",
    }, () => {
      assert.equal(printed('umask 077; exec nice -n 7 "$@"', "umask; nice", as), "0022\n0");
    });

    it("with no signal ignored or blocked", () => {
      const script = "grep -E '^Sig(Blk|Ign)' /proc/$$/status | tr -d '\\t'";
      assert.equal(
        printed("trap '' HUP PIPE USR2; exec \"$@\"", script, as),
        `SigBlk:${"0".repeat(16)}\nSigIgn:${"0".repeat(16)}`,
      );
    });

    it("as one that the system ends before the daemon when there is no memory left", () => {
      assert.equal(
        printed('exec "$@"', "cat /proc/self/oom_score_adj; cat /proc/$PPID/oom_score_adj 2>&-", as),
        "200\n0",
      );
    });

    it("with a session keyring of its own: keys of whoever started the daemon are not found in it", () => {
      const { addKey, keyctl } = numbers;
      const keep = `syscall(${keyctl}, 1, 0) > 0 or exit 9; syscall(${addKey}, my $t = "user", my $n = "wctl-secret", my $v = "s", 1, -3) > 0 or exit 9;`;
      const search = `print(syscall(${keyctl}, 10, -3, my $t = "user", my $n = "wctl-secret", 0) > 0 ? "found\n" : "none\n");`;
      const starter = `exec perl -e '$| = 1; ${keep} ${search} exec @ARGV' "$@"`;
      assert.equal(printed(starter, `perl -e '${search}'`, as), "found\nnone");
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

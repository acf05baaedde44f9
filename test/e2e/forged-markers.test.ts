/** Another local user plays the owner of a workload: what he can write is a claim, never a proof (P22). */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DaemonUnderTest, eventually, isAlive, startTimeOf } from "./daemon-under-test.ts";

const isRoot = process.getuid?.() === 0;
const STRANGER = 65_534;
/** Hides the cgroups of the machine from the daemon: then the marker in the environment holds a tree together. */
const WITHOUT_CGROUPS = [
  ...["/usr/bin/unshare", "--mount", "--propagation=private"],
  ...["/bin/sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', "sh"],
];
const canHide = isRoot && spawnSync(WITHOUT_CGROUPS[0]!, [...WITHOUT_CGROUPS.slice(1), "/bin/true"]).status === 0;

interface Forged {
  what: string;
  env: Record<string, string>;
}

/** What everybody can read of a workload (its cgroup's name, its uid), and what everybody can make up. */
const forgeries = (dataId: string, uid: string): Forged[] => {
  const marker = { WCTL_DATA_ID: dataId, WCTL_INSTANCE_UID: uid, WHO: "stranger", WCTL_RUN_PROOF: "0".repeat(32) };
  return [
    { what: "a later run", env: { ...marker, WCTL_RUN: "999" } },
    { what: "the same run", env: { ...marker, WCTL_RUN: "1" } },
    { what: "a number beyond all numbers", env: { ...marker, WCTL_RUN: "99999999999999999999" } },
    { what: "an empty uid", env: { ...marker, WCTL_RUN: "1", WCTL_INSTANCE_UID: "" } },
    {
      what: "a uid that is no name of a folder",
      env: { ...marker, WCTL_RUN: "1", WCTL_INSTANCE_UID: "x".repeat(300) },
    },
    { what: "a uid with a way out", env: { ...marker, WCTL_RUN: "1", WCTL_INSTANCE_UID: "../../../etc" } },
  ];
};

const manifest = (log: string): string => `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: victim}
spec:
  command: /usr/bin/env # what it makes of its environment later is its own affair
  args: [WHO=changed, LD_PRELOAD=/tmp/none.so, /bin/sleep, "100000"]
  env: [{name: WHO, value: victim}]
  stop: {gracePeriodSeconds: 1}
  livenessProbe:
    periodSeconds: 1
    exec: {command: [/bin/sh, -c, 'echo "$WHO $WCTL_RUN" >> ${log}']}
`;

for (const [kind, through, skip] of [
  ["cgroups", [], !isRoot && "needs root, to be two users"],
  ["the marker alone", WITHOUT_CGROUPS, !canHide && "needs root and a mount namespace of its own"],
] as const) {
  describe(`forged markers, trees held by ${kind}`, { skip }, () => {
    it("take over nothing: the victim keeps its pid and its probe its environment, and nobody is moved, signalled or believed", async () => {
      const folder = mkdtempSync(join(tmpdir(), "wctl-forged-"));
      const log = join(folder, "probe.log");
      const lines = (): string[] => readFileSync(log, "utf8").trim().split("\n");
      const strangers: ChildProcess[] = [];
      const daemon = await DaemonUnderTest.startThrough(through, "--log-level", "debug");
      try {
        await daemon.apply(manifest(log));
        const { metadata, status } = await eventually("the victim runs", async () => {
          const instance = await daemon.json("instance", "victim-0");
          return instance.status?.pid ? instance : undefined;
        });
        await eventually("the first probe", () => lines().length > 0);
        const startTime = startTimeOf(status.pid);
        await daemon.end("SIGKILL");
        const dataId = readFileSync(join(daemon.dataDir, "data-id"), "utf8").trim();
        for (const { env } of forgeries(dataId, metadata.uid)) {
          const options = { uid: STRANGER, gid: STRANGER, env, stdio: "ignore", detached: true, cwd: "/" } as const;
          strangers.push(spawn("/bin/sleep", ["100000"], options));
        }
        const groups = strangers.map(({ pid }) => readFileSync(`/proc/${pid}/cgroup`, "utf8"));

        await daemon.start();
        const probed = lines().length;
        await eventually("the adopted victim is probed", () => lines().length > probed + 1);
        const after = await daemon.json("instance", "victim-0");
        assert.equal(after.status.pid, status.pid);
        assert.equal(after.status.run, 1);
        assert.equal(after.status.restartCount, 0);
        assert.equal(startTimeOf(status.pid), startTime);
        assert.deepEqual([...new Set(lines())], ["victim 1"]);
        assert.equal((await daemon.json("instances")).items.length, 1);

        await daemon.ok("delete", "process", "victim");
        await eventually("the victim is gone", () => !isAlive(status.pid));
        for (const [index, { pid }] of strangers.entries()) {
          assert.ok(isAlive(pid!), `nobody touched the stranger ${index}`);
          assert.equal(readFileSync(`/proc/${pid}/cgroup`, "utf8"), groups[index]);
        }
      } finally {
        for (const stranger of strangers) stranger.kill("SIGKILL");
        await daemon.dispose();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

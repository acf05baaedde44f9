import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pathOfGroup } from "../../../runtime/posix/containment/cgroup/group-path.ts";
import { parseHierarchies } from "../../../runtime/posix/containment/cgroup/hierarchies.ts";
import { decodeWaitStatus } from "../../../runtime/posix/process/end-of-process.ts";
import { parseStat } from "../../../runtime/posix/process/proc.ts";
import { signalNumber } from "../../../runtime/posix/process/signals.ts";

describe("the path of a cgroup", () => {
  const mountinfo = [
    "30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw",
    "31 30 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids",
    "32 30 0:28 /docker/abc /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    "33 30 0:29 /../.. /sys/fs/cgroup/odd rw - cgroup2 cgroup2 rw",
  ].join("\n");

  it("is the whole path below the root, so that a copied name in another place is not ours", () => {
    assert.equal(pathOfGroup("/sys/fs/cgroup/pids/system/wctl-1", mountinfo), "/system/wctl-1");
    assert.equal(pathOfGroup("/sys/fs/cgroup/unified/wctl-1", mountinfo), "/docker/abc/wctl-1");
    assert.equal(pathOfGroup("/sys/fs/cgroup/odd/wctl-1", mountinfo), undefined);
    assert.equal(pathOfGroup("/elsewhere/wctl-1", mountinfo), undefined);
  });
});

describe("/proc/PID/stat", () => {
  const rest =
    "S 1 42 42 0 -1 4194560 99 0 0 0 250 50 25 75 20 0 1 0 123456 1000000 321 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 9";

  it("is read from behind the name, whatever is in that", () => {
    for (const name of ["sleep", "a b", ") S 1 1 1", "((", "x)\n(y"]) {
      assert.deepEqual(parseStat(`42 (${name}) ${rest}\n`), {
        pid: 42,
        state: "S",
        parent: 1,
        name,
        session: 42,
        threads: 1,
        kernelThread: false,
        exiting: false,
        cpuSeconds: 4,
        startTicks: "123456",
        residentPages: 321,
        hasEnvironment: false,
        exitCode: 9,
      });
    }
  });

  it("is nothing when it is torn", () => {
    assert.equal(parseStat(`42 (sleep) ${rest.replace(/0 9$/, "140737 9")}`)?.hasEnvironment, true);
    assert.equal(parseStat(""), undefined);
    assert.equal(parseStat("42 (sleep) S 1 2"), undefined);
  });
});

describe("cgroup hierarchies", () => {
  it("of a hybrid system: each with the daemon's own place in it", () => {
    const mountinfo = [
      "30 23 0:26 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids",
      "31 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
      "32 23 0:28 / /sys/fs/cgroup/memory ro,relatime - cgroup cgroup ro,memory",
      "33 23 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    ].join("\n");
    const own = "8:pids:/\n5:cpu,cpuacct:/daemons\n4:memory:/x\n0::/daemons\n";
    assert.deepEqual(
      parseHierarchies(mountinfo, own, (mount) => (mount.includes("unified") ? "hugetlb" : "")),
      [
        { version: 1, controllers: ["pids"], home: "/sys/fs/cgroup/pids/" },
        { version: 1, controllers: ["cpu", "cpuacct"], home: "/sys/fs/cgroup/cpu,cpuacct/daemons" },
        { version: 2, controllers: ["hugetlb"], home: "/sys/fs/cgroup/unified/daemons" },
      ],
    );
  });

  it("of a container: paths begin where the mount begins", () => {
    const mountinfo = "33 23 0:29 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw";
    const [hierarchy] = parseHierarchies(mountinfo, "0::/docker/abc/inner\n", () => "cpu memory pids");
    assert.deepEqual(hierarchy, {
      version: 2,
      controllers: ["cpu", "memory", "pids"],
      home: "/sys/fs/cgroup/inner",
    });
    const [outside] = parseHierarchies("33 23 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw", "0::/../up\n", () => "");
    assert.equal(outside?.home, "/sys/fs/cgroup/");
  });

  it("of a service of systemd: in v2 beside it, so that it can be started again while workloads live", () => {
    const mountinfo = [
      "33 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
      "31 30 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids",
    ].join("\n");
    const own = "8:pids:/wctl.slice/wctl.service\n0::/wctl.slice/wctl.service\n";
    assert.deepEqual(
      parseHierarchies(mountinfo, own, (folder) => (folder.endsWith(".slice") ? "pids" : "")),
      [
        { version: 2, controllers: ["pids"], home: "/sys/fs/cgroup/unified/wctl.slice" },
        { version: 2, controllers: [], home: "/sys/fs/cgroup/unified/wctl.slice/wctl.service" },
        { version: 1, controllers: ["pids"], home: "/sys/fs/cgroup/pids/wctl.slice/wctl.service" },
      ],
    );
  });

  it("of a machine without any", () => {
    assert.deepEqual(
      parseHierarchies("22 1 8:1 / / rw - ext4 /dev/sda1 rw", "", () => ""),
      [],
    );
  });
});

describe("wait statuses and signals", () => {
  it("are a code or a signal, with or without a core", () => {
    assert.deepEqual(decodeWaitStatus(0), { code: 0 });
    assert.deepEqual(decodeWaitStatus(0x2a00), { code: 42 });
    assert.deepEqual(decodeWaitStatus(9), { signal: "SIGKILL" });
    assert.deepEqual(decodeWaitStatus(0x8b), { signal: "SIGSEGV" });
    assert.deepEqual(decodeWaitStatus(40), { signal: "SIG40" });
  });

  it("map the portable words as documented", () => {
    assert.equal(signalNumber("CtrlC"), 2);
    assert.equal(signalNumber("CtrlBreak"), 3);
    assert.equal(signalNumber("WmClose"), 15);
    assert.equal(signalNumber("Event"), 15);
    assert.equal(signalNumber("SIGHUP"), 1);
    assert.equal(signalNumber("None"), undefined);
    assert.equal(signalNumber("SIGNONSENSE"), undefined);
  });
});

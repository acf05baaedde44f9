/** Fields of a Process, each on real processes through the built executable. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "../daemon-under-test.ts";
import { Bed, sh } from "./bed.ts";

describe("what a Process runs, as whom, within which limits, and what becomes of its output", () => {
  const bed = new Bed();

  it("command, args: handed over as they are, no shell", async () => {
    await bed.create(
      "args",
      `command: /usr/bin/printf\nargs: ["[%s]\\\\n", "$(id) ;&|", "a  b", "", "*", "%PATH%", "'\\"'", "ü"]\nrestartPolicy: Never`,
    );
    assert.equal(await bed.output("args-0", /ü/), `[$(id) ;&|]\n[a  b]\n[]\n[*]\n[%PATH%]\n['"']\n[ü]\n`);
  });

  it("command: a bare name is looked up in the documented search path", async () => {
    await bed.create("bare", `command: printf\nargs: [found]\nrestartPolicy: Never`);
    await bed.output("bare-0", /found/);
  });

  it("workingDir", async () => {
    const dir = join(bed.daemon.dir, "a dir");
    mkdirSync(dir);
    await bed.create("cwd", `command: /bin/pwd\nworkingDir: ${JSON.stringify(dir)}\nrestartPolicy: Never`);
    assert.equal(await bed.output("cwd-0", /dir/), `${dir}\n`);
  });

  it("env, envFrom, valueFrom: resolved; nothing of the daemon's own", async () => {
    const more = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {FROM_MAP: m1, OTHER: m2}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: env}\nstringData: {key: s3cr3t}\n`;
    await bed.create(
      "env",
      `command: /usr/bin/env
restartPolicy: Never
envFrom: [{configMapRef: {name: env}, prefix: P_}]
env:
  - {name: PLAIN, value: "a=b c"}
  - {name: REFERS, value: "<$(PLAIN)>"}
  - {name: ONE, valueFrom: {configMapKeyRef: {name: env, key: OTHER}}}
  - {name: TOKEN, valueFrom: {secretKeyRef: {name: env, key: key}}}
  - {name: MAYBE, valueFrom: {secretKeyRef: {name: none, key: key, optional: true}}}
  - {name: SELF, valueFrom: {fieldRef: {fieldPath: metadata.name}}}`,
      more,
    );
    const lines = new Set((await bed.output("env-0", /WCTL_INSTANCE_INDEX/)).trimEnd().split("\n"));
    for (const line of [
      "PLAIN=a=b c",
      "REFERS=<a=b c>",
      "P_FROM_MAP=m1",
      "P_OTHER=m2",
      "ONE=m2",
      "TOKEN=s3cr3t",
      "SELF=env-0",
      "WCTL_INSTANCE_INDEX=0",
    ]) {
      assert.ok(lines.has(line), `${line} in ${[...lines]}`);
    }
    assert.ok(![...lines].some((line) => /^MAYBE=|CANARY_OF_THE_DAEMON|^NODE_/.test(line)));
  });

  it("inheritEnvironment: None leaves only what was declared and who it is", async () => {
    await bed.create(
      "bareenv",
      `command: /usr/bin/env\ninheritEnvironment: None\nrestartPolicy: Never\nenv: [{name: ONLY, value: this}]`,
    );
    const names = (await bed.output("bareenv-0", /ONLY/))
      .trimEnd()
      .split("\n")
      .map((line) => line.split("=")[0]);
    assert.ok(!names.includes("PATH") && !names.includes("HOME"));
    assert.deepEqual(
      names.filter((name) => !name?.startsWith("WCTL_")),
      ["ONLY"],
    );
  });

  it("starts clean: umask, descriptors, signals, session", async () => {
    await bed.create(
      "clean",
      `${sh("umask; ls /proc/self/fd | wc -l; grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f6 /proc/$$/stat; echo $$")}restartPolicy: Never`,
    );
    const text = await bed.output("clean-0", /SigIgn[\s\S]*\n\d+\n\d+\n/);
    const [umask, descriptors, blocked, ignored, session, pid] = text.trimEnd().split("\n");
    assert.equal(umask, "0022");
    assert.equal(Number(descriptors), 4, "0, 1, 2 and the folder that ls reads");
    assert.match(`${blocked} ${ignored}`, /^SigBlk:\s0+ SigIgn:\s0+$/);
    assert.equal(session, pid);
  });

  it("resources.limits: enforced, or a condition says which are not", async () => {
    await bed.create(
      "limited",
      `command: /usr/bin/perl\nargs: [-e, 'my @kept; while (1) { push @kept, "x" x 1_000_000; select undef, undef, undef, 0.002 }']\nrestartPolicy: Never\nresources: {limits: {memory: 64Mi, processes: 20, cpu: 500m}}`,
    );
    const status = await bed.when(
      "limited-0",
      ({ phase, conditions }) =>
        phase === "Failed" ||
        conditions?.some((one: { type: string; status: string }) => one.type === "Enforced" && one.status === "False"),
    );
    const unenforced = status.conditions.find((one: { type: string }) => one.type === "Enforced");
    if (unenforced?.status === "False") assert.match(unenforced.message, /resources\.limits\./);
    else assert.equal(status.state.terminated.reason, "OOMKilled");
  });

  it("resources.priorityClass and affinity", async () => {
    await bed.create("nice", `${sh("exec sleep 1000")}resources: {priorityClass: BelowNormal, affinity: "0"}`);
    const { pid } = await bed.when("nice-0", (status) => status.ready);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    assert.ok(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]) > 0, "nice is raised");
    assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), /^Cpus_allowed_list:\s0$/m);
  });

  it("runAs: another account without new privileges, or a refusal that says why", async () => {
    await bed.create("nobody", `command: /usr/bin/id\nargs: [-un]\nrestartPolicy: Never\nrunAs: {account: nobody}`);
    const status = await bed.when(
      "nobody-0",
      ({ phase, state }) => phase === "Succeeded" || state?.waiting?.reason === "AccountNotAllowed",
    );
    if (status.phase === "Succeeded") assert.equal(await bed.output("nobody-0", /\w/), "nobody\n");
    await bed.create("noone", `command: /usr/bin/id\nrunAs: {account: no-such-account}`);
    const refused = await bed.when("noone-0", ({ state }) => state?.waiting?.reason === "AccountNotFound");
    assert.match(refused.state.waiting.message, /no-such-account/);
  });

  it("logs.encoding: kept as it was written, read as UTF-8, also of an earlier run", async () => {
    const write = "print pack(q(H*), $ENV{WCTL_RUN} == 1 ? q(4772fcdf65800d0a) : q(6e6f63680d0a)); sleep 1000";
    await bed.create("pages", `command: /usr/bin/perl\nargs: [-e, '$| = 1; ${write}']\nlogs: {encoding: windows-1252}`);
    assert.equal(await bed.output("pages-0", /\n/), "Grüße€\n");
    assert.match(await bed.daemon.ok("describe", "instance/pages-0"), /^ +Grüße€$/m);
    assert.equal(await bed.logs("pages-0", "--raw", "--tail=1", "--limit-bytes=2"), "Gr");
    const { pid } = await bed.when("pages-0", (status) => status.ready);
    process.kill(pid, "SIGKILL");
    assert.equal(await bed.output("pages-0", /noch/), "noch\n");
    assert.equal(await bed.logs("pages-0", "--raw"), "noch\r\n");
    assert.match(await bed.logs("pages-0", "--previous", "--timestamps", "--since=1h"), /^\S+Z Grüße€\n$/);
    const { stderr } = await bed.daemon.wctl("logs", "pages-0", "--raw", "--timestamps");
    assert.match(stderr, /at most one of --raw or --timestamps/);
  });

  it("logs: stderr merged or separate, previous runs kept, space bounded while it runs", async () => {
    await bed.create("merged", `${sh("echo out; echo err >&2; exec sleep 1000")}`);
    assert.equal(await bed.output("merged-0", /err/), "out\nerr\n");
    await bed.create("separate", `${sh("echo out; echo err >&2; exec sleep 1000")}logs: {stderr: Separate}`);
    assert.match(await bed.output("separate-0", /err/), /out/);
    await bed.create("runs", `${sh("echo this is run $WCTL_RUN; exec sleep 1000")}`);
    const first = await bed.when("runs-0", (status) => status.ready);
    await bed.output("runs-0", /run 1/);
    process.kill(first.pid, "SIGKILL");
    await bed.output("runs-0", /run 2/);
    assert.match(await bed.logs("runs-0", "--previous"), /run 1/);
    await bed.create(
      "flood",
      `command: /usr/bin/perl\nargs: [-e, '$| = 1; for my $n (1..200000) { print "line $n of a program that writes too much\\n" } sleep 1000']\nlogs: {maxSize: 1Mi}`,
    );
    await bed.output("flood-0", /line 200000 /);
    // Of 9 MB written about 1 MiB is kept, a little more while the keeper catches up.
    const kept = await eventually("the oldest part is released", async () => {
      const { length } = await bed.logs("flood-0");
      return length < 2_000_000 ? length : undefined;
    });
    assert.ok(kept > 500_000, `${kept} bytes are kept`);
    const lines = (await bed.logs("flood-0")).trimEnd().split("\n");
    assert.match(lines[0] ?? "", /^line \d+ of a program that writes too much$/, "begins with a whole line");
    assert.match(lines.at(-1) ?? "", /^line 200000 /);
  });
});

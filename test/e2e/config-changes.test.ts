/** What happens to programs when the content of their ConfigMaps and Secrets changes, through the built executable. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "./daemon-under-test.ts";
import { Bed } from "./fields/bed.ts";

const example = join(import.meta.dirname, "../../manifests/examples/config-change.yaml");

describe("configuration that changes", () => {
  const bed = new Bed();
  const pidsOf = async (name: string): Promise<number[]> => {
    const { items } = await bed.daemon.json("instances", "-l", `wctl.dev/process=${name}`);
    return items.map((one: { status: { pid: number } }) => one.status.pid);
  };

  it("a new value of a ConfigMap and a new Secret replace the copies, and history says which key it was", async () => {
    const manifest = readFileSync(example, "utf8").replaceAll("settleSeconds: 1", "settleSeconds: 0");
    await bed.daemon.apply(manifest);
    await bed.daemon.ok("rollout", "status", "process/greeter", "--timeout", "1h");
    await bed.output("greeter-1", /^hello, colour = green, with a token of 9 characters\n$/);
    const before = await pidsOf("greeter");
    await bed.output("rereader-0", /^colour = green\n$/);
    const rereader = await pidsOf("rereader");
    const changes = { hello: "goodbye", green: "blue", "change-me": "rotated" };
    const changed = Object.entries(changes).reduce((text, [from, to]) => text.replace(from, to), manifest);
    await bed.daemon.apply(changed);
    const wanted = /goodbye, colour = blue, with a token of 7 characters/;
    for (const copy of ["greeter-0", "greeter-1"]) await bed.output(copy, wanted);
    await bed.daemon.ok("rollout", "status", "process/greeter", "--timeout", "1h");
    await bed.output("rereader-0", /^colour = green\ncolour = blue\n$/);
    assert.deepEqual(await pidsOf("rereader"), rereader, "it is told in place");
    assert.equal((await pidsOf("greeter")).filter((pid) => before.includes(pid)).length, 0);
    const history = await bed.daemon.ok("rollout", "history", "process/greeter");
    // Two writes that need not settle may be two rollouts.
    assert.match(history, /keys "GREETING", "greeter.conf" of configmap "greeter"/);
    assert.match(history, /key "token" of secret "greeter"/);
    const undone = await bed.daemon.ok("rollout", "undo", "process/greeter", "--to-revision=1");
    assert.match(
      undone,
      /^configmap\/greeter put back: GREETING, greeter\.conf \(process\/rereader refers to it too\)$/m,
    );
    assert.match(undone, /^secret\/greeter put back: token\nprocess\.wctl\.dev\/greeter rolled back$/m);
    for (const copy of ["greeter-0", "greeter-1"])
      await bed.output(copy, /^hello, colour = green, with a token of 9 characters\n$/);
    await bed.output("rereader-0", /^colour = green\ncolour = blue\ncolour = green\n$/);
    assert.deepEqual(await pidsOf("rereader"), rereader);
    const list = async (kind: string) => (await bed.daemon.json(kind, "-l", "wctl.dev/content-of=greeter")).items;
    assert.ok((await list("configmaps")).length >= 2);
    await bed.daemon.ok("delete", "process/greeter", "process/rereader", "--wait=false");
    for (const kind of ["configmaps", "secrets"])
      await eventually(`no copies of ${kind} are left`, async () => (await list(kind)).length === 0);
  });

  it("with Exec a command tells the program, its failure is told, and the next daemon tells what one that was killed has not", async () => {
    const conf = (text: string) =>
      `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\ndata: {conf: "${text}"}\n`;
    const token = (text: string) =>
      `---\napiVersion: v1\nkind: Secret\nmetadata: {name: told}\nstringData: {token: ${text}}\n`;
    const spec = [
      "command: /bin/sh",
      "args: [-c, 'cp token first; exec sleep 1000']",
      "files: [{path: told.conf, configMapRef: {name: told, key: conf}}, {path: token, secretRef: {name: told, key: token}}]",
      "configChange: {action: Exec, settleSeconds: 0, exec: {command: [/bin/sh, -c, 'if grep -q slow told.conf && [ ! -e begun ]; then touch begun; sleep 1000; fi; grep -q good told.conf || { echo not good for $(cat first); exit 3; }']}}",
    ].join("\n");
    await bed.create("told", spec, conf("good 1") + token("first-token"));
    const { pid } = await bed.when("told-0", ({ ready }) => ready);
    const current = async (reason: string): Promise<string> => {
      const said = ({ conditions = [] }: { conditions?: { type: string; reason: string; message: string }[] }) =>
        conditions.find((one) => one.type === "ContentCurrent" && one.reason === reason)?.message;
      return said(await bed.when("told-0", said, `ContentCurrent is ${reason}`))!;
    };
    await bed.daemon.apply(conf("bad"));
    assert.equal(await current("ReloadFailed"), "wrote told.conf; /bin/sh ended with 3: not good for ***");
    assert.match(await bed.daemon.ok("why", "told"), /Cause: +told-0: ReloadFailed: wrote told\.conf; .*not good/);
    await bed.daemon.apply(conf("good 2") + token("other-token"));
    assert.match(await current("Reloaded"), /; \/bin\/sh ended with 0$/);
    await bed.daemon.apply(conf("bad and slow"));
    const begun = join(bed.daemon.dataDir, "homes", (await bed.process("told")).metadata.uid, "0", "work", "begun");
    await eventually("the command to begin", async () => existsSync(begun) || undefined);
    await bed.daemon.end("SIGKILL");
    await bed.daemon.start();
    const failed = "wrote told.conf; /bin/sh ended with 3: not good for ***";
    assert.equal(await current("ReloadFailed"), failed, "and hides what the program was given before");
    assert.equal((await bed.instance("told-0")).status.pid, pid);
  });

  it("a file of variables is read with the rights of the program's account", async () => {
    const path = join(bed.daemon.dir, "app.env");
    writeFileSync(path, "# as for systemd\nCOLOUR='light blue'\nSHADE=file\n", { mode: 0o600 });
    const spec = (account: string) =>
      `command: /bin/sh\nargs: [-c, 'echo "$COLOUR $SHADE"; exec sleep 1000']\nenvFile: [{path: ${path}}, {path: /none, optional: true}]\nenv: [{name: SHADE, value: manifest}]${account}`;
    await bed.create("from-file", spec(""));
    await bed.output("from-file-0", /^light blue manifest\n$/);
    if (process.geteuid!() !== 0) return;
    await bed.create("from-file", spec("\nrunAs: {account: nobody}"));
    const { state } = await bed.when("from-file-0", ({ state }) => state?.waiting?.reason === "AccessDenied");
    assert.match(
      state.waiting.message,
      /^envFile\[0\] \(.*app\.env\) can't be read: nobody may not enter the folder that it lies in/,
    );
  });

  it("a file is not written through what the program has planted, and says so", async () => {
    const files = "files: [{path: conf/greeter.conf, configMapRef: {name: greeter, key: greeter.conf}}]";
    await bed.create(
      "planter",
      `command: /bin/sh\nargs: [-c, "mv conf aside; ln -s /tmp conf; exec sleep 1000"]\n${files}`,
    );
    await bed.when("planter-0", ({ ready }) => ready);
    await bed.daemon.ok("rollout", "restart", "process/planter");
    const { state } = await bed.when("planter-0", ({ state }) => state?.waiting?.reason === "AccessDenied");
    assert.match(state.waiting.message, /the file conf\/greeter\.conf can't be written: conf is a link/);
    for (const path of ["../x", "/etc/x", "nul", "a:b"]) {
      const refused = bed.create("planter", `command: /bin/true\n${files.replace("conf/greeter.conf", path)}`);
      await assert.rejects(refused, /spec\.files\[0\]\.path: Invalid value/, path);
    }
  });
});

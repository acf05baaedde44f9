/** Every bad input: a clear message that names the place, exit 1, and nothing half done. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, run, wctlPath } from "./daemon-under-test.ts";

describe("bad input", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  const head = "apiVersion: wctl.dev/v1\nkind: Process\nmetadata:\n  name: bad\n";
  const good = `${head.replace("bad", "good")}spec:\n  command: /bin/sleep\n  args: ["1000"]\n---\n`;
  let files = 0;
  const apply = async (text: string | Buffer): Promise<string> => {
    const file = join(daemon.dir, `bad-${files++}.yaml`);
    writeFileSync(file, text);
    const { code, stderr, stdout } = await daemon.wctl("apply", "-f", file);
    assert.equal(code, 1, `${stdout}${stderr}`);
    assert.ok(!/\n\s+at /.test(stderr), `a stack trace: ${stderr}`);
    return stderr;
  };

  const cases: [string, string | Buffer, RegExp][] = [
    [
      "a near miss",
      `${head}spec:\n  command: /bin/true\n  replica: 3\n`,
      /bad-\d+\.yaml:7.*spec\.replica.*did you mean "replicas"/s,
    ],
    ["a wrong type", `${head}spec:\n  command: /bin/true\n  replicas: three\n`, /bad-\d+\.yaml:7[\s\S]*spec\.replicas/],
    [
      "a value out of range",
      `${head}spec:\n  command: /bin/true\n  replicas: -1\n`,
      /spec\.replicas: Invalid value: -1/,
    ],
    ["a missing field", `${head}spec: {}\n`, /spec\.command: Required value/],
    [
      "a wrong word",
      `${head}spec:\n  command: /bin/true\n  restartPolicy: Sometimes\n`,
      /Unsupported value: "Sometimes"/,
    ],
    ["a duplicate key", `${head}spec:\n  command: /bin/true\n  command: /bin/false\n`, /bad-\d+\.yaml.*7/s],
    ["a tab", `${head}spec:\n\tcommand: /bin/true\n`, /bad-\d+\.yaml.*6/s],
    ["__proto__", `${head}spec:\n  command: /bin/true\n  __proto__: {a: 1}\n`, /__proto__/],
    [
      "a YAML bomb",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n`,
      /alias/i,
    ],
    ["depth", `${head}spec: ${"[".repeat(200)}${"]".repeat(200)}\n`, /deep|nest|level/i],
    ["NUL", `${head}spec:\n  command: "/bin/tr\\0ue"\n`, /NUL|control/i],
    ["an unknown kind", `apiVersion: wctl.dev/v1\nkind: Proces\nmetadata: {name: x}\n`, /Proces/],
    ["an unknown version", `apiVersion: wctl.dev/v9\nkind: Process\nmetadata: {name: x}\n`, /wctl\.dev\/v9/],
    ["no name", `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {}\nspec: {command: /bin/true}\n`, /name/],
    [
      "a bad name",
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: Not_A_Name}\nspec: {command: /bin/true}\n`,
      /metadata\.name/,
    ],
    ["a batch file", `${head}spec:\n  command: C:\\tools\\run.BAT\n`, /cmd\.exe \/d \/s \/c/],
    [
      "too large",
      `${head}spec:\n  command: /bin/true\n  args: ["${"x".repeat(4 * 1024 * 1024)}"]\n`,
      /4194\d+ bytes, at most 3145728/,
    ],
    [
      "two probes in one",
      `${head}spec:\n  command: /bin/true\n  livenessProbe: {tcpSocket: {port: 1}, httpGet: {port: 2}}\n`,
      /livenessProbe/,
    ],
    ["a relative program", `${head}spec:\n  command: bin/tool\n`, /spec\.command/],
    ["not UTF-8", Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xfe, 0x0a])]), /UTF-8/],
    [
      "a secret that is not base64",
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: "canary-value!"}\n`,
      /data\.k|data\[k\]/,
    ],
  ];
  for (const [name, text, message] of cases) {
    it(name, async () => {
      const stderr = await apply(text);
      assert.match(stderr, message);
      assert.ok(!stderr.includes("canary"), "a secret is not repeated");
    });
  }

  it("BOM and CRLF are fine", async () => {
    const file = join(daemon.dir, "windows.yaml");
    writeFileSync(
      file,
      `\ufeff${head.replace("bad", "fine")}spec:\n  command: /bin/sleep\n  args: ["1000"]\n`.replaceAll("\n", "\r\n"),
    );
    assert.match(await daemon.ok("apply", "-f", file), /process\.wctl\.dev\/fine created/);
  });

  it("a file that cannot be read applies nothing of any file", async () => {
    const dir = join(daemon.dir, "folder");
    mkdirSync(dir);
    writeFileSync(join(dir, "a.yaml"), good);
    writeFileSync(join(dir, "b.yaml"), `${head}spec: [\n`);
    const { code, stderr } = await daemon.wctl("apply", "-f", dir);
    assert.equal(code, 1);
    assert.match(stderr, /b\.yaml/);
    assert.equal((await daemon.wctl("get", "process", "good")).code, 1);
  });

  it("names its arguments' mistakes", async () => {
    const wrong: [string[], RegExp][] = [
      [["get", "proceses"], /proceses/],
      [["get", "process", "none"], /^Error from server \(NotFound\): processes\.wctl\.dev "none" not found\n$/],
      [["frobnicate"], /frobnicate/],
      [["get", "processes", "--bogus"], /--bogus/],
      [
        ["get", "processes", "-o", "jsonpath={.items["],
        /^error: error parsing jsonpath \{\.items\[, unterminated array\n$/,
      ],
      [["get", "processes", "-l", "a in ("], /selector|unable to parse/i],
      [["scale", "process/none", "--replicas", "x"], /replicas/],
      [["apply", "-f", "/no/such/file.yaml"], /no\/such\/file\.yaml/],
      [["logs", "instance/none"], /none/],
      [["wait", "process/none", "--for=condition=Ready", "--timeout=1s"], /none/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await daemon.wctl(...args);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, message);
      assert.ok(!/\n\s+at /.test(stderr), `a stack trace: ${stderr}`);
    }
    const empty = await daemon.wctl("get", "secrets");
    assert.deepEqual([empty.code, empty.stdout, empty.stderr], [0, "", "No resources found in default namespace.\n"]);
  });

  it("validate says without a server what the server says, line by line, and all of it at once", async () => {
    const file = join(daemon.dir, "many.yaml");
    writeFileSync(
      file,
      `${head.replace("bad", "Bad_Name")}spec:\n  comand: /bin/true\n  command: run.bat\n  replicas: "2"\n  dependsOn: [{name: Not OK}]\n`,
    );
    const applied = await daemon.wctl("apply", "-f", file);
    const places = applied.stderr.match(/many\.yaml:\d+: .*/g) ?? [];
    assert.deepEqual(
      places.map((text) => text.split(":", 3).join(":")),
      [
        "many.yaml:4: metadata.name",
        "many.yaml:6: spec.comand",
        "many.yaml:7: spec.command",
        "many.yaml:8: spec.replicas",
        "many.yaml:9: spec.dependsOn[0].name",
      ],
      applied.stderr,
    );
    const alone = await run(wctlPath, ["validate", "-f", file], { env: { HOME: daemon.dir, KUBECONFIG: "/nowhere" } });
    assert.equal(alone.code, 1, alone.stderr);
    const found = (alone.stdout.match(/many\.yaml:\d+: .*/g) ?? []).map((text) => text.replace(" error:", ""));
    assert.deepEqual(found, places);
  });
});

import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import {
  type Kubeconfig,
  KubeconfigError,
  loadKubeconfig,
  resolveKubeconfig,
} from "../../../api/kubeconfig/kubeconfig.ts";
import { contextRows, currentContext, useContext, viewConfig } from "../../../api/kubeconfig/views.ts";
import { toYaml } from "../../../api/yaml/to-yaml.ts";
import { repeats } from "../../repeats.ts";

const root = mkdtempSync(join(tmpdir(), "kubeconfig-"));
after(() => rmSync(root, { recursive: true }));

function file(name: string, content: string | object, mode = 0o600): string {
  const path = join(root, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

const trustsAll = { ofPath: (): string | undefined => undefined, ofEntry: () => undefined };
const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const data = Buffer.from(PEM).toString("base64");
const admin = `apiVersion: v1
kind: Config
clusters:
- name: wctl
  cluster:
    server: "https://127.0.0.1:7443"
    certificate-authority-data: ${data}
users:
- name: wctl
  user:
    client-certificate-data: ${data}
    client-key-data: ${data}
contexts:
- name: wctl
  context:
    cluster: wctl
    user: wctl
current-context: wctl
`;

const config = (name: string, cluster: object = {}, user: object = {}, context: object = {}): Kubeconfig => ({
  apiVersion: "v1",
  kind: "Config",
  "current-context": name,
  clusters: [{ name, cluster: { server: `https://${name}:1`, ...cluster } }],
  users: [{ name, user: { ...user } }],
  contexts: [{ name, context: { cluster: name, user: name, ...context } }],
});

describe("loadKubeconfig", () => {
  const env = {};

  it("reads UTF-16, as Windows PowerShell's > writes it; what is no text is refused", async () => {
    const path = file("utf16", admin);
    writeFileSync(path, Buffer.from(`\ufeff${admin}`, "utf16le"));
    assert.equal((await loadKubeconfig({ path, env, home: root })).config["current-context"], "wctl");
    writeFileSync(path, Uint8Array.of(0x61, 0xff));
    await assert.rejects(loadKubeconfig({ path, env, home: root }), KubeconfigError);
  });

  it("takes the named file and no other", async () => {
    const path = file("named", admin);
    const { config } = await loadKubeconfig({ path, env: { KUBECONFIG: "/nowhere" }, home: root });
    assert.deepEqual(resolveKubeconfig(config), {
      endpoint: { server: "https://127.0.0.1:7443", ca: PEM, cert: PEM, key: PEM },
      context: "wctl",
    });
    await assert.rejects(loadKubeconfig({ path: join(root, "missing") }), {
      name: "KubeconfigError",
      message: `stat ${join(root, "missing")}: no such file or directory`,
    });
  });

  it("merges the files of KUBECONFIG: the first to say a thing wins, missing ones are skipped", async () => {
    const first = file("a", { ...config("one"), "current-context": "", users: null });
    const second = file(
      "b",
      toYaml({ ...config("two"), clusters: [{ name: "one", cluster: { server: "https://loser" } }] }),
    );
    const loaded = await loadKubeconfig({
      env: { KUBECONFIG: [first, "", join(root, "none"), second].join(delimiter) },
      home: root,
    });
    assert.deepEqual(
      loaded.files.map(({ path }) => path),
      [first, second],
    );
    assert.equal(loaded.config["current-context"], "two");
    assert.deepEqual(loaded.config.clusters, [{ name: "one", cluster: { server: "https://one:1" } }]);
    assert.deepEqual(
      loaded.config.contexts?.map(({ name }) => name),
      ["one", "two"],
    );
    await assert.rejects(
      loadKubeconfig({ env: { KUBECONFIG: "/nowhere/x" }, home: root }),
      /names no file that exists/,
    );
  });

  it("uses the local daemon's when nobody names another, and ~/.kube/config only for a context that is named", async () => {
    const home = join(root, "home");
    mkdirSync(home);
    const nothing = await loadKubeconfig({ env: { ...env, ProgramData: home }, home });
    if (nothing.files.length === 0) assert.throws(() => resolveKubeconfig(nothing.config), /start the daemon/);
    file("home/.kube/config", config("usual"));
    assert.deepEqual((await loadKubeconfig({ env, home, local: [] })).files, []);
    file("home/daemon/admin.kubeconfig", admin);
    const sources = { env, home, local: [join(home, "daemon")], trust: async () => trustsAll };
    const used = async (context?: string): Promise<unknown[]> => {
      const { config, from } = await loadKubeconfig(context === undefined ? sources : { ...sources, context });
      return [from, config["current-context"]];
    };
    assert.deepEqual(await used(), ["daemon", "wctl"]);
    assert.deepEqual(await used("wctl"), ["daemon", "wctl"]);
    assert.deepEqual(await used("usual"), ["home", "usual"]);
    assert.deepEqual(await used("unknown"), ["daemon", "wctl"]);
  });

  it("does not use a local daemon's file that another user could have written: nobody named it, and Secrets go where it says", async () => {
    const planted = file("planted/wctl/admin.kubeconfig", admin);
    const sources = { env, home: join(root, "nowhere"), local: [join(root, "missing"), join(root, "planted/wctl")] };
    const trusting = { ofPath: (): string | undefined => undefined, ofEntry: () => undefined };
    assert.equal((await loadKubeconfig({ ...sources, trust: async () => trusting })).config["current-context"], "wctl");
    const strangers = { ...trusting, ofPath: (one: string) => `${one} belongs to another user (uid 1234)` };
    await assert.rejects(loadKubeconfig({ ...sources, trust: async () => strangers }), {
      name: "KubeconfigError",
      message: /is not used, because another user could have written it: .* belongs to another user .*--kubeconfig/,
    });
    assert.equal(
      (await loadKubeconfig({ ...sources, path: planted })).config["current-context"],
      "wctl",
      "it was named",
    );
    if (process.getuid === undefined) {
      await assert.rejects(loadKubeconfig(sources), /its owner can't be told/);
      return;
    }
    assert.equal((await loadKubeconfig(sources)).config["current-context"], "wctl");
    for (const [path, mode] of [
      [planted, 0o666],
      [join(planted, ".."), 0o777],
      [join(planted, "../.."), 0o777],
    ] as const) {
      const before = statSync(path).mode;
      chmodSync(path, mode);
      await assert.rejects(loadKubeconfig(sources), new RegExp(`${path} can be written by others`));
      chmodSync(path, before);
    }
    if (process.getuid() !== 0) return;
    chownSync(planted, 1234, 1234);
    await assert.rejects(loadKubeconfig(sources), /belongs to another user \(uid 1234\)/);
  });

  it("resolves relative paths from the file, and reads what they name", async () => {
    file("certs/ca.pem", PEM);
    file("certs/token", "abc\n");
    const path = file(
      "relative",
      config(
        "r",
        { "certificate-authority": "certs/ca.pem" },
        { tokenFile: "certs/token", token: "no" },
        { namespace: "apps" },
      ),
    );
    const loaded = await loadKubeconfig({ path });
    assert.deepEqual(resolveKubeconfig(loaded.config), {
      endpoint: { server: "https://r:1", ca: PEM, token: "abc" },
      namespace: "apps",
      context: "r",
    });
  });

  it("warns of a credential that others can read", { skip: process.getuid === undefined }, async () => {
    const open = await loadKubeconfig({ path: file("open", admin, 0o644) });
    assert.match(open.warnings.join(), /can be read by others; run: chmod 600/);
    assert.deepEqual((await loadKubeconfig({ path: file("shut", admin) })).warnings, []);
    assert.deepEqual((await loadKubeconfig({ path: file("bare", config("x"), 0o644) })).warnings, []);
  });

  const refused: [what: string, text: string, message: RegExp][] = [
    ["a list", "- a", /it is not a map/],
    ["another kind", "kind: Pod", /kind must be Config/],
    ["clusters that are a map", "clusters: {a: b}", /clusters must be a list/],
    ["a nameless user", "users: [{user: {}}]", /users\[0\] must be a map with a name/],
    ["a context that is text", "contexts: [{name: a, context: b}]", /contexts\[0\].context must be a map/],
    ["broken YAML", "a: b: c", /error loading config file .*:1:4: /],
    ["a duplicate key in JSON", '{"kind":"Config","kind":"Config"}', /duplicate key "kind"/],
    [
      "a bomb",
      `a: &a [x]\n${[..."bcdefgh"].map((name, n) => `${name}: &${name} [${Array(10).fill(`*${"abcdefgh"[n]}`)}]`).join("\n")}`,
      /more than 1000 aliases/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () =>
      assert.rejects(loadKubeconfig({ path: file("refused", text) }), { name: "KubeconfigError", message }));
  }
});

describe("resolveKubeconfig", () => {
  const refused: [what: string, config: Kubeconfig, message: RegExp][] = [
    ["exec", config("x", {}, { exec: { command: "touch" } }), /user.exec runs a program/],
    ["auth-provider", config("x", {}, { "auth-provider": {} }), /user.auth-provider needs a plugin/],
    [
      "a password",
      config("x", {}, { username: "a", password: "hunter2" }),
      /user.username uses a user name and a password/,
    ],
    ["others' groups alone", config("x", {}, { "as-groups": ["viewers"] }), /without impersonating a user/],
    ["a proxy", config("x", { "proxy-url": "http://p" }), /proxy-url is not supported/],
    [
      "a certificate without key",
      config("x", {}, { "client-certificate-data": data }),
      /has a client-certificate but no client-key/,
    ],
    ["data that is no PEM", config("x", { "certificate-authority-data": "aGk=" }), /not the base64 of a PEM/],
    [
      "a missing file",
      config("x", { "certificate-authority": "/nowhere/ca" }),
      /unable to read certificate-authority \/nowhere\/ca/,
    ],
    ["no server", config("x", { server: "" }), /context "x" leads to no server/],
    ["an odd server", config("x", { server: "ftp://x" }), /must be like https:/],
    ["a password in the server", config("x", { server: "https://a:b@x" }), /must not hold a password/],
    ["a number as token", config("x", {}, { token: 1 }), /user.token must be a string/],
    ["a token with a line end", config("x", {}, { token: "a\r\nX: y" }), /characters that a token cannot have/],
    [
      "a CA that is not to be used",
      config("x", { "insecure-skip-tls-verify": true, "certificate-authority-data": data }),
      /insecure flag is not allowed/,
    ],
    ["an unknown cluster", config("x", {}, {}, { cluster: "y" }), /cluster "y" does not exist/],
    ["an unknown user", config("x", {}, {}, { user: "y" }), /user "y" does not exist/],
  ];
  for (const [what, value, message] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => resolveKubeconfig(value), { name: "KubeconfigError", message }));
  }

  it("lets the command line win", () => {
    const both = config("one", { "tls-server-name": "n" }, { exec: {} });
    both.contexts?.push({ name: "two", context: { cluster: "one" } });
    assert.deepEqual(resolveKubeconfig(both, { context: "two", server: "https://o", token: "t" }), {
      endpoint: { server: "https://o", tlsServerName: "n", token: "t" },
      context: "two",
    });
    assert.throws(
      () => resolveKubeconfig(both, { context: "three" }),
      /context "three" does not exist; there are: one, two/,
    );
  });

  it("throws nothing but KubeconfigError on mutated files", async () => {
    const mutation = fc.record({
      at: fc.nat(admin.length),
      remove: fc.nat(20),
      insert: fc.constantFrom("", "\t", "\n", "- ", ": ", "{", '"', "exec: {command: x}", "&a ", "*a", "\0", "é"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        let text = admin;
        for (const { at, remove, insert } of mutations) text = text.slice(0, at) + insert + text.slice(at + remove);
        try {
          resolveKubeconfig((await loadKubeconfig({ path: file("mutated", text) })).config);
        } catch (error) {
          assert.ok(error instanceof KubeconfigError, String(error));
        }
      }),
      { numRuns: repeats(300) },
    );
  });
});

describe("views", () => {
  const two = config(
    "one",
    { "certificate-authority-data": data },
    { token: "hunter2", "client-key-data": data, exec: { env: "hunter2" } },
  );
  two.contexts?.push({ name: "a", context: { cluster: "one", namespace: "apps" } });

  it("lists contexts by name and marks the current one", () => {
    assert.deepEqual(contextRows(two), [
      { current: false, name: "a", cluster: "one", user: "", namespace: "apps" },
      { current: true, name: "one", cluster: "one", user: "one", namespace: "" },
    ]);
    assert.throws(() => contextRows(two, ["b"]), /context b not found/);
    assert.equal(currentContext(two), "one");
    assert.throws(() => currentContext({}), /current-context is not set/);
  });

  it("shows no secret unless asked to", () => {
    const shown = JSON.stringify(viewConfig(two));
    assert.ok(!shown.includes("hunter2") && !shown.includes(data));
    assert.match(shown, /"client-key-data":"DATA\+OMITTED"/);
    assert.equal(viewConfig(two, { raw: true }), two);
    assert.deepEqual(
      viewConfig(two, { minify: true }).contexts?.map(({ name }) => name),
      ["one"],
    );
  });

  it("changes the file that decides", () => {
    const files = [
      { path: "x", config: { users: [] } },
      { path: "y", config: two },
    ];
    assert.deepEqual(useContext({ config: two, files }, "a"), {
      path: "y",
      config: { ...two, "current-context": "a" },
    });
    assert.throws(() => useContext({ config: two, files }, "b"), /no context exists with the name: "b"/);
  });
});

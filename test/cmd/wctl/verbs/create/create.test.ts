import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { configMaps, namespaces, processes, secrets } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

const web = `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web}
spec: {command: /bin/web}
`;

let desk: Desk;
let folder: string;
before(async () => {
  desk = await Desk.open();
  folder = await mkdtemp(join(tmpdir(), "wctl-create-"));
  await writeFile(join(folder, "app.json"), '{"a":1}\n');
  await writeFile(join(folder, "raw.bin"), Buffer.from([0xff, 0x00, 0xfe]));
  await writeFile(join(folder, "web.env"), '\ufeff# of web\n\n  LEVEL=info\r\nQUOTED="a b"\nHOME\nABSENT\nURL=a=b\n');
});
after(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});

describe("wctl create -f", () => {
  it("creates what is not there, and refuses what is, with the line", async () => {
    assert.deepEqual(await desk.wctl("create -f -", { stdin: web }), {
      code: 0,
      out: "process.wctl.dev/web created\n",
      err: "",
    });
    const more = `${web}---\n${web.replace("name: web", "name: db")}`;
    const { code, out, err } = await desk.wctl("create -f -", { stdin: more });
    assert.deepEqual([code, out], [1, "process.wctl.dev/db created\n"], "it goes on with the others");
    assert.equal(err, 'Error from server (AlreadyExists): STDIN:1: processes.wctl.dev "web" already exists\n');
  });

  it("takes generateName", async () => {
    const { code, out } = await desk.wctl("create -f - -o name", {
      stdin: web.replace("name: web", "generateName: web-"),
    });
    assert.equal(code, 0);
    assert.match(out, /^process\.wctl\.dev\/web-\w{5}\n$/);
  });

  it("tries only, when told so", async () => {
    const stdin = web.replace("name: web", "name: later");
    assert.equal(
      (await desk.wctl("create -f - --dry-run=client", { stdin })).out,
      "process.wctl.dev/later created (dry run)\n",
    );
    const { out } = await desk.wctl("create -f - --dry-run=server -o json", { stdin });
    assert.equal(JSON.parse(out).spec.restartPolicy, "Always", "with the server's defaults");
    assert.equal((await desk.wctl("get process later")).code, 1);
  });

  it("keeps what the file says, for a later apply", async () => {
    await desk.wctl("create -f - --save-config", { stdin: web.replace("name: web", "name: saved") });
    const { metadata } = await desk.client.get(processes, "default/saved");
    assert.match(metadata.annotations!["kubectl.kubernetes.io/last-applied-configuration"]!, /"command":"\/bin\/web"/);
  });

  it("refuses unknown fields, and tells of them when they are only worth a warning", async () => {
    const stdin = `${web.replace("name: web", "name: odd")}  # odd\n`.replace("/bin/web}", "/bin/web, bogus: 1}");
    assert.match(
      (await desk.wctl("create -f -", { stdin })).err,
      /^Error from server \(BadRequest\): STDIN:4: .*bogus/,
    );
    const warned = await desk.wctl("create -f - --validate=warn", { stdin });
    assert.deepEqual([warned.code, warned.out], [0, "process.wctl.dev/odd created\n"]);
    assert.match(warned.err, /^Warning: STDIN:4: .*unknown field/);
  });

  it("wants files", async () => {
    assert.match((await desk.wctl("create")).err, /^error: must specify one of -f\n/);
    assert.match((await desk.wctl("create secret foo")).err, /^error: unexpected "secret foo"/);
  });
});

describe("wctl create configmap", () => {
  it("takes files, folders and words", async () => {
    const words = ["create", "configmap", "web", `--from-file=${folder}`, `--from-file=main=${folder}/app.json`];
    const { out, err } = await desk.wctl([...words, "--from-literal=HOSTS=a,b=c", "--from-literal", "EMPTY="]);
    assert.deepEqual([out, err], ["configmap/web created\n", ""]);
    const { data, binaryData } = await desk.client.get(configMaps, "default/web");
    assert.deepEqual(Object.keys(data!).sort(), ["EMPTY", "HOSTS", "app.json", "main", "web.env"]);
    assert.deepEqual([data!.HOSTS, data!.EMPTY, data!.main], ["a,b=c", "", '{"a":1}\n']);
    assert.deepEqual(binaryData, { "raw.bin": "/wD+" });
  });

  it("loses no key, whatever JavaScript means by it", async () => {
    const { code, err } = await desk.wctl("create configmap odd --from-literal=__proto__=x");
    assert.equal(code, 1, "it was sent, and the server has its word");
    assert.match(err, /the key "__proto__" is not allowed/);
  });

  it("takes lines NAME=VALUE, as they stand", async () => {
    const words = ["create", "cm", "env", `--from-env-file=${folder}/web.env`];
    assert.equal((await desk.wctl(words, { env: { HOME: "/root" } })).out, "configmap/env created\n");
    assert.deepEqual((await desk.client.get(configMaps, "default/env")).data, {
      ABSENT: "",
      HOME: "/root",
      LEVEL: "info",
      QUOTED: '"a b"',
      URL: "a=b",
    });
  });

  it("shows what it would send, for apply, without a server", async () => {
    const line = "create configmap web -n shop --from-literal=a=1 --dry-run=client -o yaml";
    const { out } = await desk.wctl(line);
    assert.equal(out, 'apiVersion: v1\ndata:\n  a: "1"\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: shop\n');
    const piped = await desk.wctl("apply -n shop -f - --dry-run=client", { stdin: out });
    assert.equal(piped.out, "configmap/web created (dry run)\n");
  });

  const hashes: [line: string, name: string][] = [
    [`configmap web --from-file=FOLDER/app.json --from-literal=b="x<y"`, "configmap/web-gcckd94972"],
    ["configmap web", "configmap/web-bk8c929b87"],
    ["secret generic web", "secret/web-2854dt8bdd"],
    ["secret generic web --from-literal=a=b", "secret/web-khf84f282h"],
  ];
  for (const [line, name] of hashes) {
    it(`names ${name} by its content, as kubectl does`, async () => {
      const typed = `create ${line.replace("FOLDER", folder)} --append-hash --dry-run=client -o name`;
      assert.equal((await desk.wctl(typed)).out, `${name}\n`);
    });
  }

  const refusals: [string, string][] = [
    ["create configmap", "exactly one NAME is required, got 0"],
    ["create configmap a b", "exactly one NAME is required, got 2"],
    ["create configmap x --from-literal=a", "invalid literal source a, expected key=value"],
    ["create configmap x --from-literal==a", "invalid literal source =a, expected key=value"],
    ["create configmap x --from-file==a", "key name for file path a missing"],
    ["create configmap x --from-file=a=", "file path for key name a missing"],
    ["create configmap x --from-file=a=b=c", "key names or file paths cannot contain '='"],
    ["create configmap x --from-file=FOLDER/ghost", "error reading FOLDER/ghost: no such file or directory"],
    ["create configmap x --from-file=a=FOLDER", "cannot give a key name for a directory path"],
    [
      "create configmap x --from-literal=a=1 --from-literal=a=2",
      'cannot add key "a", another key by that name already exists',
    ],
    [
      "create configmap x --from-env-file=FOLDER/web.env --from-literal=a=1",
      "from-env-file cannot be combined with from-file or from-literal",
    ],
    ["create configmap x --from-env-file=FOLDER/raw.bin", "env file FOLDER/raw.bin contains invalid utf8 bytes"],
    ["create configmap x --from-env-file=FOLDER/app.json", 'FOLDER/app.json:1: what stands before "=" is not a valid'],
  ];
  for (const [line, message] of refusals) {
    it(`refuses "${line}"`, async () => {
      const { code, out, err } = await desk.wctl(line.replaceAll("FOLDER", folder));
      assert.deepEqual([code, out], [1, ""]);
      assert.ok(err.startsWith(`error: ${message.replaceAll("FOLDER", folder)}`), err);
    });
  }
});

describe("wctl create secret", () => {
  it("generic keeps the values as bytes, with a type", async () => {
    const words = [
      "create",
      "secret",
      "generic",
      "web",
      `--from-file=key=${folder}/raw.bin`,
      "--from-literal=token=s3",
    ];
    assert.equal((await desk.wctl([...words, "--type=example.com/key"])).out, "secret/web created\n");
    const { data, type } = await desk.client.get(secrets, "default/web");
    assert.deepEqual([data, type], [{ key: "/wD+", token: "czM=" }, "example.com/key"]);
  });

  it("tls takes a certificate and its key, and nothing else", async () => {
    const { ca, admin } = desk.server.certificates;
    for (const [name, text] of Object.entries({ "ca.pem": ca, "tls.crt": admin.cert, "tls.key": admin.key }))
      await writeFile(join(folder, name), text, { mode: 0o600 });
    const tls = (cert: string, key: string) =>
      desk.wctl(`create secret tls pair --cert=${folder}/${cert} --key=${folder}/${key}`);
    assert.equal((await tls("tls.crt", "tls.key")).out, "secret/pair created\n");
    const { data, type } = await desk.client.get(secrets, "default/pair");
    assert.equal(type, "kubernetes.io/tls");
    assert.equal(Buffer.from(data!["tls.key"]!, "base64").toString(), admin.key);
    assert.equal((await tls("ca.pem", "tls.key")).err, "error: tls: private key does not match public key\n");
    assert.equal(
      (await tls("app.json", "tls.key")).err,
      "error: tls: failed to find any PEM data in certificate input\n",
    );
    assert.equal((await tls("tls.crt", "app.json")).err, "error: tls: failed to find any PEM data in key input\n");
    assert.equal((await desk.wctl("create secret tls x")).err, "error: key and cert must be specified\n");
  });
});

describe("wctl create namespace", () => {
  it("makes one, which belongs to no other", async () => {
    assert.equal((await desk.wctl("create ns shop -n other")).out, "namespace/shop created\n");
    assert.equal((await desk.client.get(namespaces, "shop")).metadata.namespace, undefined);
    const again = await desk.wctl("create namespace shop");
    assert.deepEqual(
      [again.code, again.err],
      [1, 'Error from server (AlreadyExists): namespaces "shop" already exists\n'],
    );
  });
});

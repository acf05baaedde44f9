import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { parse } from "yaml";
import { simpleYaml } from "../../../api/yaml/simple/simple-yaml.ts";
import { writeAdminKubeconfig } from "../../../apiserver/pki/admin-kubeconfig.ts";
import { ensureCertificates, serverNames } from "../../../apiserver/pki/certificates.ts";

const DAY = 86_400_000;
const now = new Date("2026-06-01T00:00:00Z");
const later = (days: number): Date => new Date(now.getTime() + days * DAY);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "wctl-pki-"));
});
afterEach(() => rm(directory, { recursive: true }));

const ensure = (options: { host?: string; at?: Date } = {}) =>
  ensureCertificates({ directory, host: options.host ?? "127.0.0.1", now: options.at ?? now });

describe("certificates", () => {
  it("are made once, each for its own use, and signed by our own authority", async () => {
    const made = await ensure();
    assert.deepEqual(made.issued, ["ca", "server", "admin"]);
    const [ca, server, admin] = [made.ca, made.server.cert, made.admin.cert].map((pem) => new X509Certificate(pem));
    assert.ok(ca && server && admin);
    assert.equal(ca.ca, true);
    assert.equal(server.ca, false);
    for (const leaf of [server, admin]) {
      assert.ok(leaf.verify(ca.publicKey));
      assert.ok(leaf.checkIssued(ca));
    }
    assert.deepEqual(server.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    assert.deepEqual(admin.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    assert.equal(admin.subject, "O=system:masters\nCN=wctl-admin");
    assert.ok(server.checkPrivateKey(createPrivateKey(made.server.key)));
    assert.equal(Math.round((Date.parse(ca.validTo) - now.getTime()) / DAY), 3652);
    assert.equal(Date.parse(ca.validFrom), now.getTime() - DAY, "a clock that is behind does not refuse it");
    assert.deepEqual((await ensure()).issued, []);
    assert.deepEqual(await ensure(), { ...made, issued: [] });
  });

  it("leave nothing of a daemon that died while it wrote them", async () => {
    await ensure();
    const folder = join(directory, "pki");
    for (const name of ["ca.key", "server.crt"]) await writeFile(join(folder, `${name}.0123456789ab.tmp`), "half");
    await ensure();
    assert.deepEqual(
      (await readdir(folder)).sort(),
      ["admin", "ca", "server"].flatMap((n) => [`${n}.crt`, `${n}.key`]),
    );
  });

  it("name what clients call the server", async () => {
    const { server } = await ensure({ host: "wctl.example" });
    const certificate = new X509Certificate(server.cert);
    for (const name of ["localhost", "wctl.example"]) assert.ok(certificate.checkHost(name), name);
    for (const address of ["127.0.0.1", "::1"]) assert.ok(certificate.checkIP(address), address);
    assert.equal(certificate.checkHost("evil.example"), undefined);
    assert.deepEqual((await ensure({ host: "fe80::1234:0:0:1" })).issued, ["server"]);
    assert.deepEqual((await ensure({ host: "10.0.0.7" })).issued, ["server"]);
    assert.deepEqual((await ensure({ host: "10.0.0.7" })).issued, []);
  });

  it("do not name wildcard addresses, nor what is no name", () => {
    const always = serverNames("");
    for (const host of ["0.0.0.0", "::", "[::]", "bad name", "a\r\nb"]) assert.deepEqual(serverNames(host), always);
    assert.ok(serverNames("[fe80::1]").includes("fe80::1"));
  });

  it("are readable by their owner only", async () => {
    await ensure();
    assert.equal((await stat(join(directory, "pki"))).mode & 0o777, 0o700);
    for (const file of await readdir(join(directory, "pki"))) {
      assert.equal((await stat(join(directory, "pki", file))).mode & 0o777, 0o600, file);
    }
    await chmod(join(directory, "pki"), 0o755);
    await ensure();
    assert.equal((await stat(join(directory, "pki"))).mode & 0o777, 0o700, "repaired");
  });

  it("are renewed before they end, under the same authority", async () => {
    const first = await ensure();
    assert.deepEqual((await ensure({ at: later(360) })).issued, []);
    const renewed = await ensure({ at: later(370) });
    assert.deepEqual(renewed.issued, ["server", "admin"]);
    assert.equal(renewed.ca, first.ca);
  });

  it("do not lock anybody out when the clock jumps by ten years", async () => {
    await ensure();
    for (const days of [3652, 0, -3652]) {
      const { issued, ca, server } = await ensure({ at: later(days) });
      assert.deepEqual(issued, ["ca", "server", "admin"]);
      assert.ok(new X509Certificate(server.cert).verify(new X509Certificate(ca).publicKey));
    }
  });

  for (const file of ["ca.crt", "ca.key", "server.crt", "server.key", "admin.crt", "admin.key"]) {
    it(`are made anew when ${file} is damaged, missing, or another one's`, async () => {
      await ensure();
      const path = join(directory, "pki", file);
      const expected = file.startsWith("ca") ? ["ca", "server", "admin"] : [file.slice(0, -4)];
      await writeFile(path, (await readFile(path, "utf8")).slice(0, 100));
      assert.deepEqual((await ensure()).issued, expected);
      await rm(path);
      assert.deepEqual((await ensure()).issued, expected);
      const other = file.startsWith("server") ? "admin" : "server";
      await writeFile(path, await readFile(join(directory, "pki", other + file.slice(-4)), "utf8"));
      assert.deepEqual((await ensure()).issued, expected);
    });
  }
});

describe("the admin's kubeconfig", () => {
  it("is what kubectl reads, private, and written only when it changes", async () => {
    const { ca, admin } = await ensure();
    const path = join(directory, "admin.kubeconfig");
    const write = (server: string) => writeAdminKubeconfig({ path, host: "pc1", server, ca, admin });
    assert.equal(await write("https://127.0.0.1:7443"), true);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const config = parse(await readFile(path, "utf8"));
    assert.deepEqual([config.kind, config.apiVersion, config["current-context"]], ["Config", "v1", "pc1"]);
    assert.equal(config.clusters[0].cluster.server, "https://127.0.0.1:7443");
    assert.deepEqual(config.contexts, [{ name: "pc1", context: { cluster: "pc1", user: "admin@pc1" } }]);
    const decoded = (text: string): string => Buffer.from(text, "base64").toString();
    assert.equal(decoded(config.clusters[0].cluster["certificate-authority-data"]), ca);
    assert.equal(decoded(config.users[0].user["client-certificate-data"]), admin.cert);
    assert.equal(decoded(config.users[0].user["client-key-data"]), admin.key);
    const { mtimeMs, ino } = await stat(path);
    assert.equal(await write("https://127.0.0.1:7443"), false);
    assert.deepEqual([(await stat(path)).mtimeMs, (await stat(path)).ino], [mtimeMs, ino]);
    assert.equal(await write("https://127.0.0.1:7444"), true);
    assert.deepEqual(await readdir(directory), ["admin.kubeconfig", "pki"], "nothing is left beside it");
  });

  it("names the local door in its context, where other clients pass over it, with the certificate that it is for", async () => {
    const { ca, admin } = await ensure();
    const path = join(directory, "door.kubeconfig");
    const door = { socket: "/var/lib/wctl/wctl.sock" };
    await writeAdminKubeconfig({ path, host: "pc1", server: "https://127.0.0.1:7443", ca, admin, door });
    const text = await readFile(path, "utf8");
    const config = parse(text);
    const { cluster, user, extensions } = config.contexts[0].context;
    assert.deepEqual([cluster, user], ["pc1", "admin@pc1"]);
    const [body = ""] = admin.cert.match(/[A-Za-z0-9+/=]+(?=\n-----END)/) ?? [];
    const extension = {
      ...door,
      server: "https://127.0.0.1:7443",
      certificateEnd: extensions[0].extension.certificateEnd,
    };
    assert.deepEqual(extensions, [{ name: "wctl.dev/local-door", extension }]);
    assert.match(extension.certificateEnd, /^.{32}$/);
    assert.ok(extension.certificateEnd.endsWith(body.slice(-16)));
    assert.deepEqual(simpleYaml(text)?.[0]?.value, config, "the YAML library is not loaded for it");
    await rm(path);
  });
});

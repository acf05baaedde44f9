import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findInCommandLines, findInFiles, formsOf } from "./canaries.ts";
import { DaemonUnderTest, eventually, isAlive } from "./daemon-under-test.ts";

/** Random, with characters that each encoding changes. */
const canary = (): string => `c:${randomBytes(12).toString("hex")}/"é`;

const secret = (name: string, value: string, more = ""): string => `
apiVersion: v1
kind: Secret
metadata: {name: ${name}${more}}
stringData: {token: ${JSON.stringify(value)}, other: "of no concern"}
`;

const reader = (name: string): string => `
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: ${name}}
spec:
  command: /bin/sleep
  args: ["100000"]
  env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}]
  envFrom: [{secretRef: {name: web}}]
  readinessProbe: {exec: {command: [/bin/true]}, periodSeconds: 1, timeoutSeconds: 20}
`;

/** Its probe gives away what it was given. */
const leaky = `
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: leaky}
spec:
  command: /bin/sleep
  args: ["100000"]
  env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}]
  readinessProbe:
    exec: {command: [/bin/sh, -c, 'printf "I have %s" "$TOKEN"; exit 1']}
    periodSeconds: 1
    timeoutSeconds: 20
    failureThreshold: 1
`;

describe("the values of Secrets", () => {
  let daemon: DaemonUnderTest;
  const values: string[] = [];
  let token: string;
  const fresh = (): string => {
    const value = canary();
    values.push(value);
    return value;
  };
  before(async () => {
    daemon = await DaemonUnderTest.start("--log-level", "debug");
  });
  after(() => daemon?.dispose());

  const assertNowhere = (when: string): void => {
    assert.deepEqual(findInFiles(daemon.dataDir, values), [], when);
    assert.deepEqual(findInCommandLines(values), [], when);
    for (const { form, bytes } of values.flatMap(formsOf)) {
      assert.equal(Buffer.from(daemon.stderr).includes(bytes), false, `${when}: standard error, ${form}`);
    }
  };
  const ready = (name: string): Promise<unknown> =>
    eventually(`${name} is ready`, async () => (await daemon.json("process", name)).status?.readyReplicas === 1);
  /** Undefined while there is none. */
  const pidOf = (name: string): Promise<number | undefined> =>
    daemon.json("instance", name).then(
      ({ status }) => status?.pid,
      () => undefined,
    );

  it("are found by this search in every form, so that not finding them says something", () => {
    const value = canary();
    const folder = join(daemon.dir, "planted");
    mkdirSync(folder);
    for (const [at, { bytes }] of formsOf(value).entries())
      writeFileSync(join(folder, String(at)), Buffer.concat([Buffer.from("{"), bytes, Buffer.from("}")]));
    const seen = new Set(findInFiles(folder, [value]).map((hit) => hit.split(": ").at(-1)));
    for (const { form } of formsOf(value)) assert.ok(seen.has(form), form);
  });

  it("lie nowhere in the data directory and on no command line, from their creation to after a restart and a new key", async () => {
    await daemon.apply(secret("web", fresh()));
    await daemon.apply(reader("web"));
    await ready("web");
    assertNowhere("after they were made and used");

    const first = await pidOf("web-0");
    await daemon.apply(secret("web", fresh()));
    await eventually("the new value is in use", async () => ![first, undefined].includes(await pidOf("web-0")));
    await ready("web");
    await daemon.apply(secret("doomed", fresh()));
    await daemon.ok("delete", "secret", "doomed");
    assertNowhere("after a change and a deletion");

    await daemon.apply(leaky);
    await eventually("the probe's words", async () => (await daemon.ok("events")).includes("I have "));
    assertNowhere("after a probe that prints them");

    const invalid = await daemon.wctlWith(
      { input: secret("bad", fresh(), ", unknown: 1, labels: 7") },
      "apply",
      "-f",
      "-",
    );
    assert.notEqual(invalid.code, 0);
    for (const { bytes } of formsOf(values.at(-1)!)) assert.equal(Buffer.from(invalid.stderr).includes(bytes), false);
    assertNowhere("after a refused write");

    const before = keyIds(daemon.dataDir);
    assert.match(
      await daemon.ok("secrets", "rotate-key"),
      /rotated: [0-9a-f]{16} writes now, \d+ records rewritten, [0-9a-f]{16} removed/,
    );
    assert.notDeepEqual(keyIds(daemon.dataDir), before);
    assert.equal(keyIds(daemon.dataDir).length, 1);
    assertNowhere("after a new key");

    await daemon.end("SIGKILL");
    assertNowhere("after the daemon was killed");
    await daemon.start();
    const stored = await daemon.json("secret", "web");
    assert.equal(Buffer.from(stored.data.token, "base64").toString(), values[1], "they are still what they were");
    await daemon.apply(reader("second"));
    await ready("second");
    assertNowhere("after a restart");
    assert.equal(await daemon.end("SIGTERM"), 0);
    assertNowhere("after the end");
    await daemon.start();
  });

  it("are not in what is told about them: events, describe, why, tables", async () => {
    for (const words of [
      ["events"],
      ["describe", "secret", "web"],
      ["describe", "process", "web"],
      ["describe", "process", "leaky"],
      ["why", "process/leaky"],
      ["why", "process/web"],
      ["get", "secrets", "-o", "wide"],
      ["get", "events", "-o", "yaml"],
      ["get", "instances,processes,controllerrevisions", "-o", "yaml"],
    ]) {
      const told = Buffer.from(await daemon.ok(...words));
      for (const { form, bytes } of values.flatMap(formsOf))
        assert.equal(told.includes(bytes), false, `${words.join(" ")}: ${form}`);
    }
  });

  it("nor does a token of a ServiceAccount lie anywhere, whether it is used or refused", async () => {
    token = await daemon.token();
    values.push(token, token.split(".")[2]!);
    assert.ok(await daemon.letsIn(token));
    for (const path of ["/api/v1/secrets", `/api/v1/namespaces?continue=${token}`])
      await assert.rejects(daemon.toBearer(token, path), { reason: "Forbidden" });
    assert.equal(await daemon.letsIn(`${token}x`), false);
    const client = await daemon.client();
    const about = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const review = await client.raw("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: about });
    client.close();
    assert.match(review, /"authenticated":true/);
    assertNowhere("after it was used");
    for (const words of [
      ["describe", "serviceaccount", "default"],
      ["get", "serviceaccount", "default", "-o", "yaml"],
      ["events"],
    ])
      assert.equal((await daemon.ok(...words)).includes(token), false, words.join(" "));
  });

  it("leave a daemon without its keys degraded: workloads go on, writes are refused, no key is made; with the keys all is as it was (P12)", async () => {
    const { pid } = (await daemon.json("instance", "web-0")).status;
    await daemon.end("SIGKILL");
    const keys = join(daemon.dataDir, "secrets.key");
    renameSync(keys, join(daemon.dir, "kept.key"));
    await daemon.start();
    assert.match(
      daemon.stderr,
      /warning: degraded: .*secrets\/default\/web at revision \d+ is encrypted with key .* which is missing: there is no .*secrets\.key/,
    );
    assert.ok(isAlive(pid));
    for (const words of [
      ["secrets", "rotate-key"],
      ["delete", "secret", "web"],
    ]) {
      const { code, stderr } = await daemon.wctl(...words);
      assert.deepEqual([code, /ServiceUnavailable.*The way back/.test(stderr)], [1, true], stderr);
    }
    await daemon.end("SIGTERM");
    assert.ok(isAlive(pid), "a degraded daemon stops nothing");
    assert.equal(existsSync(keys), false);
    renameSync(join(daemon.dir, "kept.key"), keys);
    await daemon.start();
    assert.equal((await daemon.json("instance", "web-0")).status.pid, pid);

    assert.ok(await daemon.letsIn(token), "tokens hold over restarts");
    await daemon.ok("delete", "serviceaccount", "default");
    assert.equal(await daemon.letsIn(token), false);
    assertNowhere("after it was revoked");
  });
});

const keyIds = (dataDir: string): string[] => {
  assert.ok(readdirSync(dataDir).includes("secrets.key"));
  const { keys } = JSON.parse(readFileSync(join(dataDir, "secrets.key"), "utf8")) as { keys: { id: string }[] };
  return keys.map(({ id }) => id);
};

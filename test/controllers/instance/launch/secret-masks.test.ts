import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { events, secrets } from "../../../../api/scheme.ts";
import type { Instance, Secret } from "../../../../api/types.generated.ts";
import { StartError } from "../../../../runtime/runtime.ts";
import { AgentWorld } from "../agent-world.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("Secret values that a program, a probe or a hook prints (P20)", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });

  const keep = (name: string, data: Record<string, string>): Promise<unknown> => {
    const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)]));
    return world.client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "default" },
      data: encoded,
    });
  };
  /** Everything about an Instance that may be read without reading Secrets. */
  const told = async (name: string): Promise<string> => {
    const { items } = await world.client.list(events);
    const { status } = await world.get(name);
    return JSON.stringify([items.filter(({ involvedObject }) => involvedObject.name === name), status]);
  };
  const failLiveness = async (name: string, message: string): Promise<void> => {
    const { uid } = (await world.get(name)).metadata;
    const result = { outcome: "failure", message } as const;
    world.prober.report(uid, { restart: { kind: "liveness", message } }, { kind: "liveness", result, changed: true });
    await world.settle();
  };

  it("are masked before the words of a probe are made one short line, so that none is cut in two and shown", async () => {
    await keep("s", { token: "hunter2 is long" });
    await world.create("web-0", { env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "token" } } }] });
    await failLiveness(
      "web-0",
      `\x1b]0;title\x07first\n\nCause: mine\n${"x".repeat(880)} hunter2 is long, ${"y".repeat(9000)}`,
    );
    const { status } = await world.get("web-0");
    const said = JSON.stringify(status);
    assert.equal(said.includes("hunter2"), false);
    assert.match(said, /first Cause: mine x/);
    assert.equal(/\\u001b|\\n/.test(said), false);
    assert.ok(said.length < 5000, `${said.length} characters`);
  });

  const ways: [way: string, spec: Partial<Instance["spec"]>][] = [
    ["env", { env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "token" } } }] }],
    ["envFrom", { envFrom: [{ secretRef: { name: "s" } }] }],
    ["runAs", { runAs: { account: "web", passwordSecretRef: { name: "s", key: "token" } } }],
    [
      "a probe's header",
      {
        livenessProbe: {
          httpGet: { port: 1, httpHeaders: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "token" } } }] },
        },
      },
    ],
  ];
  for (const [way, spec] of ways) {
    it(`are hidden in Events and status when they came by ${way}`, async () => {
      await keep("s", { token: "hunter22" });
      await world.create("web-0", spec);
      await failLiveness("web-0", `login of hunter22 failed, Basic ${base64("web:hunter22")}`);
      const all = await told("web-0");
      assert.match(all, /Liveness probe failed: login of \*\*\* failed, Basic \*\*\*"/, "the Event is there");
      assert.match(
        all,
        /restarting: liveness probe failed|liveness probe failed: login of \*\*\*/,
        "and so is the decision",
      );
      for (const form of ["hunter22", base64("web:hunter22").slice(0, -4)]) assert.ok(!all.includes(form), form);
    });
  }

  it("are hidden as the run was given them and as they are now", async () => {
    await keep("s", { token: "hunter22" });
    await world.create("web-0", { envFrom: [{ secretRef: { name: "s" } }] });
    const body = { data: { token: base64("correct horse") } };
    await world.client.patch(secrets, "default/s", { type: "merge", body });
    await world.settle();
    await failLiveness("web-0", "neither hunter22 nor correct horse");
    const all = await told("web-0");
    assert.match(all, /neither \*\*\* nor \*\*\*/);
    assert.doesNotMatch(all, /hunter22|correct horse/);
  });

  it("are hidden as a run was given them one after another, in files that were written anew", async () => {
    await keep("s", { token: "hunter22" });
    const files = [{ path: "token", secretRef: { name: "s", key: "token" } }];
    await world.create("web-0", { files, configChange: { action: "Signal", signal: "SIGHUP", settleSeconds: 1 } });
    (await world.process("web-0")).onSignal = () => {};
    for (const token of ["correct horse", "battery staple"]) {
      await world.client.patch(secrets, "default/s", { type: "merge", body: { data: { token: base64(token) } } });
      await world.settle();
      await world.pass(2_000);
    }
    await failLiveness("web-0", "neither hunter22 nor correct horse nor battery staple");
    const all = await told("web-0");
    assert.match(all, /neither \*\*\* nor \*\*\* nor \*\*\*/);
    assert.doesNotMatch(all, /hunter22|correct horse|battery staple/);
  });

  it("are hidden after a restart of the daemon", async () => {
    await keep("s", { token: "hunter22" });
    await world.create("web-0", { envFrom: [{ secretRef: { name: "s" } }] });
    await world.loseAgent();
    await world.startAgent();
    await failLiveness("web-0", "it was hunter22");
    assert.doesNotMatch(await told("web-0"), /hunter22/);
  });

  it("are hidden as an earlier daemon gave them to a run, though the Secret has changed since", async () => {
    await keep("s", { token: "hunter22", file: "staple1" });
    const files = [{ path: "token", secretRef: { name: "s", key: "file" } }];
    const configChange = { action: "Signal", signal: "SIGHUP", settleSeconds: 1 } as const;
    await world.create("web-0", { envFrom: [{ secretRef: { name: "s" } }], files, configChange });
    (await world.process("web-0")).onSignal = () => {};
    const change = async (data: Record<string, string>): Promise<void> => {
      await world.client.patch(secrets, "default/s", { type: "merge", body: { data } });
      await world.settle();
      await world.pass(2_000);
    };
    await change({ file: base64("staple2") });
    await world.loseAgent();
    await change({ token: base64("correct horse"), file: base64("staple3") });
    await world.startAgent();
    const sealed = world.runtime.get((await world.get("web-0")).metadata.uid)!.given!;
    assert.doesNotMatch(Buffer.from(sealed, "base64").toString("latin1"), /hunter22|staple/);
    await failLiveness("web-0", "neither hunter22 nor staple1 nor staple2 nor staple3 nor correct horse");
    const all = await told("web-0");
    assert.match(all, /neither \*\*\* nor \*\*\* nor \*\*\* nor \*\*\* nor \*\*\*/);
    assert.doesNotMatch(all, /hunter22|staple|correct horse/);
  });

  it("are sealed for the next daemon only where there are some", async () => {
    await world.create("web-0", { env: [{ name: "A", value: "b" }] });
    assert.equal((await world.process("web-0")).spec.given, undefined);
  });

  it("are hidden in the reason why a start failed", async () => {
    await keep("s", { token: "hunter22" });
    world.runtime.start = () => Promise.reject(new StartError("InvalidArgument", "TOKEN=hunter22 is too long"));
    await world.create("web-0", { envFrom: [{ secretRef: { name: "s" } }] });
    const all = await told("web-0");
    assert.match(all, /TOKEN=\*\*\* is too long/);
    assert.doesNotMatch(all, /hunter22/);
  });

  it("never stand on a command line, which any user of the machine can read", async () => {
    await keep("s", { token: "hunter22" });
    const env = [
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "token" } } },
      { name: "URL", value: "http://$(TOKEN)@host/" },
    ];
    await world.create("web-0", { env, args: ["--url=$(URL)"] });
    const { state } = await world.status("web-0");
    assert.equal(state?.waiting?.reason, "CreateConfigError");
    assert.match(state?.waiting?.message ?? "", /^args\[0\]: \$\(URL\) holds a Secret's value/);
    assert.equal(world.machine.processes.size, 0);
  });
});

describe("a probe's header from a Secret", () => {
  const livenessProbe = (optional: boolean) => ({
    httpGet: {
      port: 1,
      httpHeaders: [{ name: "X-Token", valueFrom: { secretKeyRef: { name: "s", key: "token", optional } } }],
    },
  });
  const secret = (text: string): Secret => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "default" },
    data: { token: base64(text) },
  });
  const valueIn = async (world: AgentWorld): Promise<unknown> => {
    const { uid } = (await world.get("web-0")).metadata;
    const [header] = world.prober.probes.get(uid)?.liveness?.httpGet?.httpHeaders ?? [];
    return typeof header?.value === "function" ? header.value() : header?.value;
  };

  it("is waited for, as a variable is, and is sent as the Secret says it", async () => {
    const world = await AgentWorld.make();
    await world.create("web-0", { livenessProbe: livenessProbe(false) });
    const { state } = await world.status("web-0");
    assert.equal(state?.waiting?.reason, "CreateConfigError");
    assert.match(state?.waiting?.message ?? "", /key "token" of secret "s" not found \(for the header X-Token\)/);
    await world.client.create(secrets, secret("hunter22"));
    await world.settle();
    assert.equal((await world.status("web-0")).phase, "Ready");
    assert.equal(await valueIn(world), "hunter22");
  });

  it("is left out when it is optional and not there", async () => {
    const world = await AgentWorld.make();
    await world.create("web-0", { livenessProbe: livenessProbe(true) });
    assert.equal((await world.status("web-0")).phase, "Ready");
    assert.equal(await valueIn(world), undefined);
  });

  it("cannot bring a second header with it", async () => {
    const world = await AgentWorld.make();
    await world.client.create(secrets, secret("a\r\nHost: b"));
    await world.create("web-0", { livenessProbe: livenessProbe(false) });
    const message = (await world.status("web-0")).state?.waiting?.message ?? "";
    assert.match(message, /has a line end or another control character and cannot be the header X-Token/);
  });
});

describe("variables in arguments", () => {
  it("are those of the instance, as for a container in Kubernetes; other text stays as it is", async () => {
    const world = await AgentWorld.make();
    const env = [{ name: "PORT", value: "808$(WCTL_INSTANCE_INDEX)" }];
    const args = ["--port=$(PORT)", "$$(PORT)", "$$$(PORT)", "$(date) $$ $(PORT", "$(WCTL_INSTANCE_NAME)"];
    await world.create("web-1", { index: 1, env, args });
    const { spec } = await world.process("web-1");
    assert.deepEqual(spec.args, ["--port=8081", "$(PORT)", "$8081", "$(date) $$ $(PORT", "web-1"]);
  });
});

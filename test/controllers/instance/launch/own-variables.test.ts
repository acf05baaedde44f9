import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { expandOwn, ownVariables } from "../../../../controllers/instance/launch/own-variables.ts";
import { probeSetOf } from "../../../../controllers/instance/launch/probe-set.ts";

const web = {
  metadata: { name: "web-2", namespace: "shop" },
  spec: {
    command: "web",
    index: 2,
    ports: [
      { name: "http", port: 8080, perInstance: true },
      { name: "admin-api", port: 9000 },
    ],
    readinessProbe: { httpGet: { port: "http" } },
    livenessProbe: { tcpSocket: { port: "admin-api" } },
    startupProbe: { exec: { command: ["probe", "--at=$(WCTL_PORT_HTTP)"] } },
  },
} as unknown as Stored<Instance>;

describe("the variables of a copy", () => {
  it("tell it who it is, and its ports", () => {
    assert.deepEqual(ownVariables(web), [
      ["WCTL_NAMESPACE", "shop"],
      ["WCTL_INSTANCE_NAME", "web-2"],
      ["WCTL_INSTANCE_INDEX", "2"],
      ["WCTL_PORT_HTTP", "8082"],
      ["WCTL_PORT_ADMIN_API", "9000"],
    ]);
  });

  for (const [text, expanded] of [
    ["http://127.0.0.1:$(WCTL_PORT_HTTP)/", "http://127.0.0.1:8082/"],
    ["$$(WCTL_PORT_HTTP)", "$(WCTL_PORT_HTTP)"],
    ["$$$(WCTL_PORT_HTTP)", "$8082"],
    ["$(WCTL_PORT_HTTPS)", "$(WCTL_PORT_HTTPS)"],
    ["kill $(cat pid) $$(HOME) $$", "kill $(cat pid) $$(HOME) $$"],
  ] as const) {
    it(`are put into a command line: ${text}`, () => assert.deepEqual(expandOwn([text], web), [expanded]));
  }

  it("are expanded once: what was put in is not looked at again", () => {
    const named = { ...web, metadata: { ...web.metadata, name: "$(WCTL_PORT_HTTP)" } };
    assert.deepEqual(expandOwn(["$(WCTL_INSTANCE_NAME)"], named), ["$(WCTL_PORT_HTTP)"]);
  });

  it("are the ports that its probes ask, by name", () => {
    const { startup, readiness, liveness } = probeSetOf(web, () => undefined);
    assert.equal(readiness?.httpGet?.port, 8082);
    assert.equal(liveness?.tcpSocket?.port, 9000);
    assert.deepEqual(startup?.exec?.command, ["probe", "--at=8082"]);
  });
});

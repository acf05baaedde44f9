import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import type { Process, ProcessSpec } from "../../../api/types.generated.ts";
import { portClaims } from "../../../apiserver/validation/port-claims.ts";

const process = (name: string, spec: Partial<ProcessSpec>, metadata: object = {}): Stored<Process> =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name, namespace: "default", ...metadata },
    spec: { command: "x", ...spec },
  }) as Stored<Process>;
const http = (port: number, more: object = {}) => ({ name: "http", port, ...more });
const web = process("web", { replicas: 3, ports: [http(8080, { perInstance: true })] });

describe("a port that two processes declare", () => {
  const met: [what: string, next: Stored<Process>, told: boolean][] = [
    ["the same", process("b", { ports: [http(8080)] }), true],
    ["that of the highest copy", process("b", { ports: [http(8082)] }), true],
    ["the one after it", process("b", { ports: [http(8083)] }), false],
    ["a range that reaches into it", process("b", { replicas: 5, ports: [http(8076, { perInstance: true })] }), true],
    ["a range that ends before it", process("b", { replicas: 4, ports: [http(8076, { perInstance: true })] }), false],
    ["UDP", process("b", { ports: [http(8080, { protocol: "UDP" })] }), false],
    ["a number that is to be given", process("b", { ports: [{ name: "http" }] }), false],
    ["of a process that is stopped", process("b", { suspend: true, ports: [http(8080)] }), false],
    ["of one without copies", process("b", { replicas: 0, ports: [http(8080)] }), false],
    ["of itself", web, false],
  ];
  for (const [what, next, told] of met) {
    it(`${what}: ${told ? "is told" : "is not"}`, () => {
      assert.equal(portClaims(next, () => [web]).length, told ? 1 : 0);
      assert.equal(portClaims(web, () => [next]).length, told ? 1 : 0);
    });
  }

  it("is told with its name, which another namespace does not learn", () => {
    const next = process("b", { ports: [http(8081)] });
    const only = "only one of them can listen there";
    assert.deepEqual(
      portClaims(next, () => [web]),
      [`spec.ports: 8081 is declared by process "web" too; ${only}`],
    );
    const elsewhere = process("b", { ports: [http(8081)] }, { namespace: "other" });
    assert.deepEqual(
      portClaims(elsewhere, () => [web]),
      [`spec.ports: 8081 is declared by a process of another namespace too; ${only}`],
    );
  });

  it("is told of a few, with the number of the others", () => {
    const all = Array.from({ length: 50 }, (_, index) => process(`p${index}`, { ports: [http(80)] }));
    const told = portClaims(process("b", { ports: [http(80)] }), () => all);
    assert.deepEqual([told.length, told[3]], [4, "spec.ports: and 47 more declare ports of it"]);
  });

  it("does not count for what is going, and asks nobody when it declares none", () => {
    const going = process("b", { ports: [http(8080)] }, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    assert.deepEqual(
      portClaims(web, () => [going]),
      [],
    );
    portClaims(process("b", { ports: [{ name: "http" }] }), () => assert.fail("nobody needs to be asked"));
  });
});

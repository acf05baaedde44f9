import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PortSpec } from "../../../api/types.generated.ts";
import { portCauses, portRangeCauses, probePortCauses } from "../../../apiserver/validation/ports.ts";

const http: PortSpec = { name: "http", port: 8080, perInstance: true };
const told = (causes: readonly { field: string; message: string }[]): string[] =>
  causes.map(({ field, message }) => `${field}: ${message}`);

describe("the ports of a Process", () => {
  it("have a number each", () => {
    assert.deepEqual(portCauses([http, { name: "dns", port: 8080, protocol: "UDP" }], "p"), []);
    assert.deepEqual(told(portCauses([http, { name: "web", port: 8080 }], "p")), [
      "p[1].port: Duplicate value: 8080: the port http has it too",
    ]);
  });

  it("end at 65535, for the last copy too", () => {
    const high = { ...http, port: 65_530 };
    assert.deepEqual(portRangeCauses({ command: "x", ports: [high], replicas: 6 }, "spec"), []);
    assert.deepEqual(told(portRangeCauses({ command: "x", ports: [high], replicas: 7 }, "spec")), [
      "spec.ports[0].port: Invalid value: 65530: copy 6 would have 65536; the highest port is 65535",
    ]);
  });

  it("of one copy are not those of another", () => {
    const ports = [http, { name: "admin", port: 8082 }];
    assert.deepEqual(portRangeCauses({ command: "x", ports, replicas: 2 }, "spec"), []);
    assert.deepEqual(told(portRangeCauses({ command: "x", ports, replicas: 3 }, "spec")), [
      "spec.ports[1].port: Invalid value: 8082: the ports of 3 copies (8082 to 8082) overlap those of http (8080 to 8082)",
    ]);
  });

  it("are what a probe names", () => {
    assert.deepEqual(probePortCauses("http", [http], "f"), []);
    assert.deepEqual(probePortCauses(1, [], "f"), []);
    assert.match(probePortCauses("htp", [http], "f")[0]!.message, /did you mean "http"\?/);
    assert.match(probePortCauses("http", [], "f")[0]!.message, /spec\.ports is empty/);
    assert.match(probePortCauses("8080", [http], "f")[0]!.message, /without quotes: 8080/);
    assert.match(probePortCauses("dns", [{ name: "dns", port: 53, protocol: "UDP" }], "f")[0]!.message, /TCP/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OutgoingPorts, takenByOthers } from "../../../runtime/ports/outgoing-ports.ts";
import { outgoingPorts } from "../../../runtime/posix/ports/outgoing-ports.ts";
import { outgoingPorts as windows } from "../../../runtime/win32/ports/outgoing-ports.ts";

describe("ports of outgoing connections", () => {
  const linux: OutgoingPorts = { range: [32_768, 60_999], reserved: [], reserve: () => "" };
  const cases: [range: [number, number], reserved: [number, number][], taken: [number, number] | undefined][] = [
    [[20_000, 29_999], [], undefined],
    [[20_000, 32_768], [], [32_768, 32_768]],
    [[60_999, 65_000], [], [60_999, 60_999]],
    [[61_000, 65_000], [], undefined],
    [[40_000, 49_999], [], [40_000, 49_999]],
    [[40_000, 49_999], [[40_000, 49_999]], undefined],
    [
      [40_000, 49_999],
      [
        [40_000, 44_999],
        [45_001, 60_000],
      ],
      [45_000, 45_000],
    ],
    [[1, 65_535], [], [32_768, 60_999]],
  ];
  for (const [range, reserved, taken] of cases) {
    it(`of ${range.join("-")}, with ${reserved.join(" and ") || "nothing"} reserved: ${taken?.join("-") ?? "none"}`, () => {
      assert.deepEqual(takenByOthers(range, { ...linux, reserved }), taken);
    });
  }

  it("are what the kernel shows", () => {
    const settings: Record<string, string> = {
      ip_local_port_range: "1024\t65000\n",
      ip_local_reserved_ports: "8080,9000-9010\n",
    };
    const found = outgoingPorts((name) => settings[name]!);
    assert.deepEqual(
      [found?.range, found?.reserved],
      [
        [1024, 65_000],
        [
          [8080, 8080],
          [9000, 9010],
        ],
      ],
    );
    assert.equal(found?.reserve([20, 30]), "sysctl -w net.ipv4.ip_local_reserved_ports=20-30");
    settings.ip_local_reserved_ports = "\n";
    assert.deepEqual(outgoingPorts((name) => settings[name]!)?.reserved, []);
    const hidden = (): never => {
      throw new Error("ENOENT");
    };
    assert.equal(outgoingPorts(hidden), undefined);
  });

  it("are Windows' own there, with the way to keep a range out", () => {
    assert.match(windows.reserve([50_000, 50_099]), /startport=50000 numberofports=100 /);
  });
});

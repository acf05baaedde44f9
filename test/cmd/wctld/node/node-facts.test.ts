import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { describe, it } from "node:test";
import { addressOf, nodeFacts } from "../../../../cmd/wctld/node/node-facts.ts";
import { parseQuantity } from "../../../../lib/quantity.ts";

const at = (address: string, more: object = {}): NetworkInterfaceInfo =>
  ({ address, family: address.includes(":") ? "IPv6" : "IPv4", internal: false, ...more }) as NetworkInterfaceInfo;
const loopback = at("127.0.0.1", { internal: true });
const linkLocal = at("fe80::1", { scopeid: 2 });

describe("the address of a node", () => {
  for (const [says, interfaces, address] of [
    [
      "the first that others reach",
      { lo: [loopback], eth0: [linkLocal, at("10.0.0.1")], eth1: [at("10.0.0.2")] },
      "10.0.0.1",
    ],
    ["of IPv6 where there is no other", { lo: [loopback], eth0: [linkLocal, at("2001:db8::1")] }, "2001:db8::1"],
    [
      "the loopback without a network",
      { lo: [at("::1", { internal: true }), loopback], eth0: [linkLocal] },
      "127.0.0.1",
    ],
    ["none without any", {}, undefined],
  ] as const) {
    it(`is ${says}`, () => assert.equal(addressOf(interfaces as never), address));
  }
});

describe("the facts of a node", () => {
  it("are quantities that clients can read, and a name", () => {
    const { capacity = {}, allocatable, addresses = [] } = nodeFacts("memory");
    assert.ok(
      parseQuantity(capacity.cpu!) >= 1 && parseQuantity(capacity.memory!) > 1024 ** 2,
      JSON.stringify(capacity),
    );
    assert.deepEqual(allocatable, capacity);
    assert.equal(addresses.at(-1)?.type, "Hostname");
  });
});

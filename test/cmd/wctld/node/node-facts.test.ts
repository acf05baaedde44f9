import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { describe, it } from "node:test";
import { linuxIdentity, windowsIdentity } from "../../../../cmd/wctld/node/machine-identity.ts";
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
    const { capacity = {}, allocatable, addresses = [] } = nodeFacts("memory", linuxIdentity());
    assert.ok(
      parseQuantity(capacity.cpu!) >= 1 && parseQuantity(capacity.memory!) > 1024 ** 2,
      JSON.stringify(capacity),
    );
    assert.deepEqual(allocatable, capacity);
    assert.equal(addresses.at(-1)?.type, "Hostname");
  });

  it("have every field that typed clients demand, as a text", () => {
    const { nodeInfo = {} } = nodeFacts("memory", windowsIdentity(undefined, undefined));
    for (const field of [
      ...["machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"],
      ...["kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"],
    ] as const)
      assert.equal(typeof nodeInfo[field], "string", field);
    assert.match(nodeInfo.architecture!, /^(amd64|arm64)$/);
    assert.match(nodeInfo.kubeletVersion!, /^v\d+\.\d+\.\d+-wctl\./);
  });
});

describe("the identity of a machine", () => {
  it("is the same each time, says nothing of the id it is made from, and is empty where there is none", () => {
    const guid = "4ee21c03-1f5c-4d8e-9d0f-0123456789ab";
    const identity = windowsIdentity(guid, 12);
    assert.deepEqual(identity, windowsIdentity(guid.toUpperCase(), 12));
    assert.match(identity.machineID, /^[0-9a-f]{32}$/);
    assert.equal(identity.systemUUID.replaceAll("-", ""), identity.machineID);
    assert.match(identity.systemUUID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.notEqual(identity.systemUUID, guid);
    assert.equal(identity.bootID, "12");
    const nothing = windowsIdentity(undefined, undefined);
    assert.deepEqual([nothing.machineID, nothing.systemUUID, nothing.bootID], ["", "", ""]);
    assert.deepEqual(linuxIdentity(), linuxIdentity());
  });
});

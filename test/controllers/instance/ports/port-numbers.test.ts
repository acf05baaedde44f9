import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { portsOf } from "../../../../api/instance-ports.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { PortFile } from "../../../../controllers/instance/ports/port-file.ts";
import { PortNumbers } from "../../../../controllers/instance/ports/port-numbers.ts";

const copy = (name: string, index = 0, more: object = {}): Stored<Instance> =>
  ({
    metadata: {
      name: `${name}-${index}`,
      uid: `${name}-${index}-${Math.random()}`,
      ownerReferences: [{ uid: name, controller: true }],
    },
    spec: { command: "x", index, ports: [{ name: "http" }], ...more },
  }) as unknown as Stored<Instance>;

describe("ports without a number", () => {
  const dir = mkdtempSync(join(tmpdir(), "wctl-ports-"));
  after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "ports.jsonl");

  const numbers = (all: Stored<Instance>[], file?: PortFile): PortNumbers =>
    new PortNumbers({ file, range: () => [20_000, 20_002], instances: () => all });
  const numberOf = (of: PortNumbers, one: Stored<Instance>): number | undefined => portsOf(of.fill(one).spec)[0]?.port;

  it("are given one that nobody declares, and keep it over Instances and daemons", () => {
    const all = [copy("fixed", 0, { ports: [{ name: "http", port: 20_001 }] }), copy("a", 0), copy("a", 1)];
    const first = numbers(all, new PortFile(path));
    assert.equal(numberOf(first, copy("a", 0)), 20_000);
    assert.equal(numberOf(first, copy("a", 1)), 20_002);
    assert.equal(numberOf(first, copy("a", 0)), 20_000, "another Instance of the same copy");
    appendFileSync(path, '{"owner":"a","in'); // torn by a power cut
    const next = numbers(all, new PortFile(path));
    assert.equal(numberOf(next, copy("a", 1)), 20_002);
    assert.equal(readFileSync(path, "utf8").split("\n").length, 3, "the torn line is gone");
  });

  it("rest when their copy is gone, until the others were given; then there is none", () => {
    const all: Stored<Instance>[] = [];
    const of = numbers(all);
    const given = ["a", "b", "c"].map((name) => numberOf(of, copy(name)));
    assert.deepEqual(given, [20_000, 20_001, 20_002]);
    all.push(copy("b"), copy("c"), copy("d"));
    assert.equal(numberOf(of, copy("d")), 20_000, "that of a, which is gone");
    all.push(copy("e"));
    assert.equal(numberOf(of, copy("e")), undefined);
  });

  it("are others after a stranger was found at them", () => {
    const of = numbers([]);
    const one = copy("a");
    assert.equal(numberOf(of, one), 20_000);
    of.renounce(one, "http");
    assert.equal(numberOf(of, one), 20_001);
  });

  it("belong to whom they were given last, also for the next daemon", () => {
    const file = join(dir, "given-on.jsonl");
    const given = (owner: string, port: number) => `${JSON.stringify({ owner, index: 0, name: "http", port })}\n`;
    writeFileSync(
      file,
      given("a", 20_000) + given("b", 20_001) + given("a", 20_002) + given("c", 20_000) + given("d", 20_001),
    );
    const known = new PortFile(file).read().map(({ owner, port }) => `${owner} ${port}`);
    assert.deepEqual(known, ["a 20002", "c 20000", "d 20001"]);
    assert.deepEqual(new PortFile(file).read().length, 3);
  });

  it("are nothing that no daemon writes", () => {
    const file = join(dir, "hostile.jsonl");
    const base = { owner: "a", index: 0, name: "http", port: 20_000 };
    const wrong = [
      { port: 70_000 },
      { port: 0 },
      { port: "20000" },
      { index: -1 },
      { index: 1.5 },
      { owner: 7 },
      { name: null },
    ];
    writeFileSync(file, ["null", "[]", ...wrong.map((one) => JSON.stringify({ ...base, ...one }))].join("\n"));
    assert.deepEqual(new PortFile(file).read(), []);
  });

  it("are those that a running program was told, should the file be lost", () => {
    const status = { pid: 7, ports: [{ name: "http", port: 20_002 }] };
    assert.equal(numberOf(numbers([]), { ...copy("a"), status }), 20_002);
  });
});

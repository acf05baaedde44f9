import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { objectsIn } from "../../../api/manifests/manifest.ts";
import { readYaml } from "../../../api/yaml/yaml-document.ts";
import { UnreadYaml, YamlThread } from "../../../api/yaml/yaml-thread.ts";
import { systemClock } from "../../../lib/clock.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

/** As slow as a text of its size can be. */
const slow = Buffer.from(`a: [${"{}, ".repeat(20_000)}]\n`);
const documentOf = (name: string): string =>
  `---\n# about ${name}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  key: ${name}\n  ${name}: |\n    a\n\n`;
const many = Array.from({ length: 500 }, (_, n) => documentOf(`n${n}`)).join("");

describe("YAML that a daemon reads", () => {
  it("holds up nothing else, however slow it is to read (S18)", async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const [read] = await new YamlThread(new FakeClock()).readYaml(slow, "f");
    isOver = true;
    assert.ok(read);
    assert.equal((read.value as { a: unknown[] }).a.length, 20_000);
    assert.ok(turns > 10, `${turns} turns of the event loop meanwhile`);
  });

  it("holds up nothing else, however many small texts there are (S18)", async () => {
    const small = Buffer.from(`a: [${"[],".repeat(200)}]`);
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const thread = new YamlThread(new FakeClock());
    const all = Array.from({ length: 100 }, async (_, n) => {
      const [read] = await thread.readYaml(small, `f${n}`);
      assert.deepEqual([read?.file, read?.value], [`f${n}`, { a: Array.from({ length: 200 }, () => []) }]);
      return turns;
    });
    const read = await Promise.all(all);
    isOver = true;
    thread.close();
    assert.ok(read.at(-1), "turns of the event loop before the last one was read");
  });

  it("is given up after its time, and what comes next is read", async () => {
    const clock = new FakeClock();
    const thread = new YamlThread(clock);
    const [first, next] = [thread.readYaml(slow, "slow.yaml"), thread.readYaml(Buffer.from(many), "f")];
    const refused = assert.rejects(first, { message: /^it takes longer than 10 s to read/ });
    clock.advance(10_000);
    await refused;
    assert.equal((await next).length, 500);
  });

  it("is read one text after the other, by the same thread", async () => {
    const thread = new YamlThread(systemClock);
    for (const file of ["a", "b", "c"]) assert.equal((await thread.readYaml(Buffer.from(many), file)).length, 500);
    thread.close();
  });

  it("is given up, and all that waits, when it is closed", async () => {
    const thread = new YamlThread(new FakeClock());
    const reads = ["a", "b", "c"].map((file) => assert.rejects(thread.readYaml(slow, file), UnreadYaml));
    thread.close();
    await Promise.all(reads);
    await assert.rejects(thread.readYaml(slow, "d"), UnreadYaml);
  });

  it("is the same as read at once, with the lines of everything", async () => {
    const read = await new YamlThread(new FakeClock()).readYaml(Buffer.from(many), "f");
    const expected = readYaml(many, "f");
    assert.deepEqual(
      read.map(({ lineOf: _, ...rest }) => rest),
      expected.map(({ lineOf: _, ...rest }) => rest),
    );
    for (const [n, document] of read.entries()) {
      assert.deepEqual(document.lineOf(`data.n${n}`), { line: n * 10 + 8, column: 3 });
      assert.deepEqual(document.lineOf("metadata.name"), expected[n]?.lineOf("metadata.name"));
    }
  });

  it("has the lines of a List's items, however long it is", async () => {
    const item = (n: number): string => `- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: n${n}}\n`;
    const list = `apiVersion: v1\nkind: List\nitems:\n${Array.from({ length: 500 }, (_, n) => item(n)).join("")}`;
    const objects = objectsIn(await new YamlThread(new FakeClock()).readYaml(Buffer.from(list), "f"));
    for (const [n, { line }] of objects.entries()) assert.equal(line, 4 + 3 * n);
  });

  it("is refused with its place, as when it is read at once", async () => {
    const bad = `${many}a: 1\na: 2\n`;
    const thread = new YamlThread(new FakeClock());
    await assert.rejects(thread.readYaml(Buffer.from(bad), "f"), (error: Error) => {
      assert.throws(() => readYaml(bad, "f"), { message: error.message });
      return error.name === "ManifestError";
    });
  });
});

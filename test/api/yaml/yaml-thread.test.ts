import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { objectsIn } from "../../../api/manifests/manifest.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { UnreadYaml, YamlThread } from "../../../api/yaml/yaml-thread.ts";
import { systemClock } from "../../../lib/clock.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

/** As slow as a text of its size can be: an anchor is enough to need the library. */
const slow = Buffer.from(`a: &a [${"{}, ".repeat(20_000)}]\n`);
const documentOf = (name: string): string =>
  `---\n# about ${name}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  key: ${name}\n  ${name}: |\n    a\n\n`;
const simple = Array.from({ length: 500 }, (_, n) => documentOf(`n${n}`)).join("");
const many = simple.replace("key: n1\n", "key: &a n1\n");

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
    const small = Buffer.from(`a: &a [${"[],".repeat(200)}]`);
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
    await eventually(() => clock.pending > 0, "the first text is asked for");
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

  for (const [name, text] of Object.entries({ simple, many })) {
    it(`is the same as read at once, with the lines of everything (${name})`, async () => {
      const read = await new YamlThread(new FakeClock()).readYaml(Buffer.from(text), "f");
      const expected = readYaml(text, "f");
      assert.deepEqual(
        read.map(({ lineOf: _, ...rest }) => rest),
        expected.map(({ lineOf: _, ...rest }) => rest),
      );
      for (const [n, document] of read.entries()) {
        assert.deepEqual(document.lineOf(`data.n${n}`), { line: n * 10 + 8, column: 3 });
        assert.deepEqual(document.lineOf("metadata.name"), expected[n]?.lineOf("metadata.name"));
      }
    });
  }

  it("needs no thread when it is simple, and lets others have their turns", async () => {
    const clock = new FakeClock();
    const thread = new YamlThread(clock);
    let turns = 0;
    const turn = (): void => void turns++;
    for (let n = 0; n < 4; n++) {
      setImmediate(turn);
      assert.equal((await thread.readYaml(Buffer.from(simple), "f")).length, 500);
    }
    assert.equal(clock.pending, 0, "no thread waits for work");
    assert.ok(turns >= 3, `${turns} turns of the event loop while four were read`);
  });

  it("has the lines of a List's items, however long it is", async () => {
    const item = (n: number): string => `- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: n${n}}\n`;
    const list = `kind: List\napiVersion: v1\nitems:\n${Array.from({ length: 500 }, (_, n) => item(n)).join("")}`;
    for (const text of [list, list.replace("v1", "&a v1")]) {
      const objects = objectsIn(await new YamlThread(new FakeClock()).readYaml(Buffer.from(text), "f"));
      assert.equal(objects.length, 500);
      for (const [n, { line }] of objects.entries()) assert.equal(line, 4 + 3 * n);
    }
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

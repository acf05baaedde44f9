import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionError } from "../../../../../api/http/connection-error.ts";
import { configMaps, namespaces, processes, type Resource } from "../../../../../api/scheme.ts";
import type { ManifestObject } from "../../../../../cmd/wctl/input/manifests.ts";
import { applyInOrder } from "../../../../../cmd/wctl/verbs/apply/apply-in-order.ts";
import type { Attempt } from "../../../../../cmd/wctl/verbs/apply/apply-manifest.ts";

const kinds: Record<string, Resource> = { n: namespaces, c: configMaps, p: processes } as Record<string, Resource>;
/** `p1` is the process of key 1. */
const objects = (words: string): ManifestObject[] =>
  words
    .split(" ")
    .map((word) => ({ resource: kinds[word[0]!], key: word.slice(1), object: word }) as unknown as ManifestObject);

/** Attempts that end when the test says so. */
class Desk {
  readonly begun: string[] = [];
  readonly told: string[] = [];
  most = 0;
  readonly #open = new Map<string, (attempt: Attempt) => void>();
  readonly done: Promise<void>;

  constructor(words: string) {
    this.done = this.#run(objects(words));
  }

  async #run(manifests: ManifestObject[]): Promise<void> {
    const apply = ({ object }: ManifestObject): Promise<Attempt> => {
      const name = object as unknown as string;
      this.begun.push(name);
      const { promise, resolve } = Promise.withResolvers<Attempt>();
      this.#open.set(name, resolve);
      this.most = Math.max(this.most, this.#open.size);
      return promise;
    };
    for await (const { warnings } of applyInOrder(manifests, apply)) this.told.push(warnings[0]!);
  }

  async end(names: string, error?: unknown): Promise<void> {
    for (const name of names.split(" ")) {
      this.#open.get(name)!({ warnings: [name], ...(error ? { error } : {}) });
      this.#open.delete(name);
      await new Promise(setImmediate);
    }
  }
}

const row = (count: number): string => Array.from({ length: count }, (_, index) => `p${index}`).join(" ");

describe("applyInOrder", () => {
  it("has several under way, and tells of them in their order", async () => {
    const desk = new Desk(row(12));
    assert.deepEqual(desk.begun, ["p0", "p1", "p2"]);
    await desk.end("p2 p1");
    assert.deepEqual([desk.told, desk.begun.length], [[], 3]);
    await desk.end("p0");
    assert.deepEqual([desk.told, desk.begun.length], [["p0", "p1", "p2"], 6]);
    await desk.end("p3 p4 p5 p6 p7 p8 p9 p10 p11");
    await desk.done;
    assert.deepEqual(desk.told.join(" "), row(12));
  });

  it("has one at a time under way when there are few, and never more than eight", async () => {
    const few = new Desk(row(4));
    assert.deepEqual(few.begun, ["p0"]);
    const many = new Desk(row(200));
    assert.equal(many.begun.length, 8);
    for (let index = 0; index < 200; index++) await many.end(`p${index}`);
    await many.done;
    assert.equal(many.most, 8);
  });

  it("sends namespaces, then what is referred to, then the rest, whatever the order of the files; each kind waits for the one before", async () => {
    const desk = new Desk("p1 p2 c1 n1 p3 p4 n2 p5");
    const begun: string[] = [];
    for (const name of ["n1", "n2", "c1", "p1", "p2", "p3", "p4", "p5"]) {
      begun.push(desk.begun.join(" "));
      await desk.end(name);
    }
    await desk.done;
    assert.deepEqual(begun.slice(0, 4), ["n1", "n1 n2", "n1 n2 c1", "n1 n2 c1 p1 p2"]);
    assert.equal(desk.told.join(" "), "n1 n2 c1 p1 p2 p3 p4 p5");
  });

  it("begins nothing more when the server is gone, and tells of what was under way", async () => {
    const desk = new Desk(`${row(12).replaceAll("p", "c")} p1`);
    await desk.end("c0", new ConnectionError("gone", undefined));
    await desk.end("c1 c2");
    await desk.done;
    assert.deepEqual(
      [desk.begun, desk.told],
      [
        ["c0", "c1", "c2"],
        ["c0", "c1", "c2"],
      ],
    );
  });
});

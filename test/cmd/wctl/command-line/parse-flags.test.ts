import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Option } from "../../../../cmd/wctl/command/option.ts";
import { parseFlags } from "../../../../cmd/wctl/command-line/parse-flags.ts";

const options = [
  { name: "output", short: "o", type: "string", description: "" },
  { name: "namespace", short: "n", type: "string", description: "" },
  { name: "filename", short: "f", type: "list", description: "" },
  { name: "all-namespaces", short: "A", type: "boolean", description: "" },
  { name: "watch", short: "w", type: "boolean", description: "" },
  { name: "wait", type: "boolean", default: true, description: "" },
  { name: "replicas", type: "integer", description: "" },
  { name: "timeout", type: "duration", default: 30, description: "" },
  {
    name: "dry-run",
    type: "string",
    oneOf: ["none", "client", "server"],
    implied: "client",
    default: "none",
    description: "",
  },
] as const satisfies readonly Option[];

const parse = (line: string) => parseFlags(line === "" ? [] : line.split(" "), options, "get");

describe("parseFlags", () => {
  it("reads a value in every form kubectl does", () => {
    for (const line of ["-o yaml", "-oyaml", "-o=yaml", "--output yaml", "--output=yaml"]) {
      assert.equal(parse(line).flags.output, "yaml", line);
    }
  });

  it("combines short booleans, the last of the row may take a value", () => {
    const { flags } = parse("-Awn prod");
    assert.deepEqual([flags["all-namespaces"], flags.watch, flags.namespace], [true, true, "prod"]);
    assert.equal(parse("-Awnprod").flags.namespace, "prod");
  });

  it("finds flags between arguments, and none after --", () => {
    const { args, flags } = parse("process -w web -- -A --nonsense");
    assert.deepEqual(args, ["process", "web", "-A", "--nonsense"]);
    assert.equal(flags.watch, true);
    assert.equal(flags["all-namespaces"], false);
  });

  it("collects lists from repetitions and commas", () => {
    assert.deepEqual(parse("-f a -f b,c --filename=d").flags.filename, ["a", "b", "c", "d"]);
  });

  it("takes a lone dash for an argument and for a value", () => {
    assert.deepEqual(parse("-f - -").flags.filename, ["-"]);
    assert.deepEqual(parse("-f - -").args, ["-"]);
  });

  it("gives booleans a value only with =", () => {
    assert.deepEqual(parse("--wait false").args, ["false"]);
    assert.equal(parse("--wait false").flags.wait, true);
    assert.equal(parse("--wait=false").flags.wait, false);
  });

  it("knows the value of a bare flag whose value is optional", () => {
    assert.equal(parse("").flags["dry-run"], "none");
    assert.equal(parse("--dry-run").flags["dry-run"], "client");
    assert.equal(parse("--dry-run=server").flags["dry-run"], "server");
    assert.deepEqual(parse("--dry-run server").args, ["server"]);
  });

  it("reads durations as Go does, and bare numbers as seconds", () => {
    assert.equal(parse("--timeout=1m30s").flags.timeout, 90);
    assert.equal(parse("--timeout=500ms").flags.timeout, 0.5);
    assert.equal(parse("--timeout=45").flags.timeout, 45);
    assert.equal(parse("--timeout=-1s").flags.timeout, -1);
    assert.equal(parse("").flags.timeout, 30);
  });

  const refusals = [
    ["--outptu=yaml", "unknown flag: --outptu (did you mean --output?)"],
    ["-z", "unknown shorthand flag: 'z' in -z"],
    ["--output", "flag needs an argument: --output"],
    ["-o", "flag needs an argument: 'o' in -o"],
    ["--replicas=three", 'invalid argument "three" for "--replicas" flag: must be a whole number'],
    ["--wait=perhaps", 'invalid argument "perhaps" for "--wait" flag: must be true or false'],
    ["--dry-run=yes", 'invalid argument "yes" for "--dry-run" flag: must be one of none, client, server'],
    ["--timeout=soon", 'invalid argument "soon" for "--timeout" flag: must be a duration such as 90s, 5m or 1h30m'],
  ] as const;
  for (const [line, message] of refusals) {
    it(`refuses ${line}`, () => {
      assert.throws(() => parse(line), { message, hint: "See 'wctl get --help' for usage." });
    });
  }

  it("leaves everything from the first word on when asked to", () => {
    const line = parseFlags(["-n", "prod", "get", "-w", "processes"], options, "", { untilWord: true });
    assert.equal(line.flags.namespace, "prod");
    assert.deepEqual(line.args, ["get", "-w", "processes"]);
  });

  it("never loses, invents or reorders an argument", () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !text.startsWith("-"));
    fc.assert(
      fc.property(fc.array(word), fc.nat(), (words, seed) => {
        const at = words.length === 0 ? 0 : seed % (words.length + 1);
        const typed = [...words.slice(0, at), "--output=yaml", "-A", ...words.slice(at)];
        const { args, flags } = parseFlags(typed, options);
        assert.deepEqual(args, words);
        assert.equal(flags.output, "yaml");
      }),
    );
  });

  it("refuses or reads any words at all, and throws nothing but usage errors", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        try {
          parseFlags(words, options);
        } catch (error) {
          assert.equal((error as Error).name, "Failure");
        }
      }),
    );
  });
});

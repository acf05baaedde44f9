import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ScriptedServer } from "./scripted-server.ts";

/** A title for the terminal, a colour, an erased screen in one character (C1), the begin of the line, text turned around, a line of its own. */
const EVIL = "\x1b]0;t\x07\x1b[31m\x9b2J\r\u202e\nerror: fine";
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
const PROCESSES = "/apis/wctl.dev/v1/namespaces/default/processes";

describe("a server that wants to harm whoever asks it", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await ScriptedServer.start({});
  });
  after(() => server.stop());

  const status = (more: object) => [422, { kind: "Status", message: "m", ...more }] as [number, object];
  const refusals: [what: string, body: [number, object], expected: RegExp][] = [
    ["a reason", status({ reason: EVIL }), /^Error from server \(.* error: fine\): m\n$/],
    [
      "details",
      status({ reason: "Invalid", details: { kind: EVIL, causes: [{ field: EVIL, message: EVIL }] } }),
      /invalid/,
    ],
    [
      "details of other types",
      status({ reason: "Invalid", details: { kind: {}, name: 7, causes: "abc" } }),
      /invalid: m\n$/,
    ],
    ["causes that are none", status({ reason: "Invalid", details: { causes: [null, 1] } }), /invalid: m\n$/],
    ["a cause without a message", status({ reason: "Invalid", details: { causes: [{ field: "spec" }] } }), /spec: \n$/],
    ["details that are a word", status({ reason: "Invalid", details: "x" }), /m\n$/],
    [
      "a message that is none",
      [500, { kind: "Status", message: {}, reason: [] }],
      /^Error from server \(InternalError\)/,
    ],
  ];
  for (const [what, body, expected] of refusals) {
    it(`has ${what} for it`, async () => {
      server.answers[`GET ${PROCESSES}?limit=5000`] = body;
      const { code, err } = await server.wctl("get processes -o name");
      assert.equal(code, 1);
      assert.match(err, expected);
      assert.doesNotMatch(err, CONTROL);
    });
  }

  const table = (columnDefinitions: unknown, rows: unknown): object => ({ kind: "Table", columnDefinitions, rows });
  const tables: [what: string, body: object][] = [
    ["a word for columns", table("abc", [])],
    ["a column that is none", table([null], [])],
    ["a column without a name", table([{}], [])],
    ["a row that is none", table([{ name: "A" }], [null])],
    ["a row without cells", table([{ name: "A" }], [{}])],
  ];
  for (const [what, body] of tables) {
    it(`has ${what} in a table`, async () => {
      server.answers[`GET ${PROCESSES}?limit=5000&includeObject=None`] = body;
      const { code, err } = await server.wctl("get processes");
      assert.deepEqual([code, err], [1, "Error from server (InternalError): the server's answer is not a table\n"]);
    });
  }

  it("has names of columns and objects for it", async () => {
    server.answers[`GET ${PROCESSES}?limit=5000&includeObject=None`] = table([{ name: EVIL }], [{ cells: [EVIL] }]);
    const { out } = await server.wctl("get processes");
    assert.doesNotMatch(out, CONTROL);
    assert.equal(out.split("\n").length, 3, "a header, a row and the end");
    server.answers[`GET ${PROCESSES}?limit=5000`] = {
      kind: "ProcessList",
      metadata: {},
      items: [{ metadata: { name: EVIL } }],
    };
    const names = await server.wctl("get processes -o name");
    assert.doesNotMatch(names.out, CONTROL);
    assert.equal(names.out.split("\n").length, 2);
  });
});

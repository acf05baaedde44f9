import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Columns, inColumns } from "../../../../cmd/wctl/printers/columns.ts";
import { type Table, TablePrinter } from "../../../../cmd/wctl/printers/table.ts";

const definitions = [
  { name: "Name", type: "string", format: "name", priority: 0 },
  { name: "Ready", type: "string", priority: 0 },
  { name: "Status", type: "string", priority: 0 },
  { name: "Restarts", type: "integer", priority: 0 },
  { name: "Age", type: "date", priority: 0 },
  { name: "Node", type: "string", priority: 1 },
];
const table = (...rows: Table["rows"]): Table => ({ kind: "Table", columnDefinitions: definitions, rows });
const web = {
  cells: ["web", "2/2", "Running", 0, "5m", "host"],
  object: { metadata: { name: "web", namespace: "shop", labels: { tier: "front", "example.com/team": "a" } } },
};
const db = {
  cells: ["database", "0/1", "CrashLoopBackOff", 12, "3d", "host"],
  object: { metadata: { name: "database", namespace: "shop" } },
};

describe("TablePrinter", () => {
  it("prints as kubectl does: upper-case headers, three blanks, the last cell unpadded", () => {
    assert.equal(
      new TablePrinter({}).format(table(web, db)),
      `NAME       READY   STATUS             RESTARTS   AGE
web        2/2     Running            0          5m
database   0/1     CrashLoopBackOff   12         3d
`,
    );
  });

  it("adds what the flags ask for", () => {
    const style = {
      wide: true,
      namespace: true,
      showLabels: true,
      labelColumns: ["example.com/team"],
      kindPrefix: "process.wctl.dev",
    };
    assert.equal(
      new TablePrinter(style).format(table(web, db)),
      `NAMESPACE   NAME                        READY   STATUS             RESTARTS   AGE   NODE   TEAM   LABELS
shop        process.wctl.dev/web        2/2     Running            0          5m    host   a      example.com/team=a,tier=front
shop        process.wctl.dev/database   0/1     CrashLoopBackOff   12         3d    host          <none>
`,
    );
  });

  it("keeps the columns of nodes where an earlier version had them, and puts the others behind", () => {
    const names = ["Name", "Status", "Roles", "Age", "Version", "Internal-IP", "OS-Image", "Runtime"];
    const columnDefinitions = names.map((name) => ({
      name,
      type: "string",
      priority: ["OS-Image", "Runtime", "Internal-IP"].includes(name) ? 1 : 0,
    }));
    const rows = [{ cells: names.map((name) => name.toLowerCase()) }];
    const headers = (style: object) =>
      new TablePrinter({ plural: "nodes", ...style }).format({ columnDefinitions, rows }).split(/\s+/, 9).join(" ");
    assert.match(headers({}), /^NAME STATUS AGE VERSION ROLES name status age version$/);
    const wide = headers({ wide: true });
    assert.match(wide, /^NAME STATUS AGE VERSION OS-IMAGE RUNTIME ROLES INTERNAL-IP name$/);
  });

  it("prints the header once, and keeps the columns where they were", () => {
    const printer = new TablePrinter({});
    printer.format(table(db));
    assert.equal(
      printer.format({ columnDefinitions: [], rows: [web] }),
      "web        2/2     Running            0          5m\n",
    );
  });

  it("leaves the header out when asked to", () => {
    assert.equal(new TablePrinter({ noHeaders: true }).format(table(web)), "web   2/2   Running   0     5m\n");
  });

  it("cuts cells at a line break and shows control characters instead of sending them to the terminal", () => {
    const nasty = { cells: ["a\x1b[31mb", "x\ny", null, 1, "1\r2", ""] };
    assert.equal(new TablePrinter({ noHeaders: true }).format(table(nasty)), "a^[[31mb   x...         1     1...\n");
  });

  it("puts what happened before each row of a watch", () => {
    const text = new TablePrinter({}).format(table(web), { header: "EVENT", cells: ["MODIFIED"] });
    assert.match(text, /^EVENT {6}NAME {3}READY/);
    assert.match(text, /\nMODIFIED {3}web {4}2\/2/);
  });
});

describe("Columns", () => {
  it("are at least six wide and count characters, not bytes", () => {
    assert.equal(
      inColumns([
        ["a", "b"],
        ["äöü", "x"],
      ]),
      "a     b\näöü   x\n",
    );
  });

  it("only grow", () => {
    const columns = new Columns();
    columns.format([["wide-name", "x"]]);
    assert.equal(columns.format([["n", "y"]]), "n           y\n");
  });
});

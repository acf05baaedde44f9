import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expand, isVariableName, type Variables } from "../../../api/variables/expand.ts";

const variables: Variables = new Map([
  ["HOST", { value: "a.example", isSecret: false }],
  ["EMPTY", { value: "", isSecret: false }],
  ["TOKEN", { value: "t0p", isSecret: true }],
  ["NESTED", { value: "$" + "{HOST}", isSecret: false }],
]);

describe("expand", () => {
  const texts: [text: string, expanded: string, isWhole: boolean][] = [
    [`\${HOST}`, "a.example", true],
    [`https://\${HOST}:\${PORT:-443}/`, "https://a.example:443/", false],
    [`\${PORT:-443}`, "443", true],
    [`\${PORT:-}`, "", true],
    [`\${PORT:-a:-b\nc}`, "a:-b\nc", true],
    [`\${EMPTY:-full}`, "full", true],
    [`\${EMPTY}`, "", true],
    [`\${HOST}\${HOST}`, "a.examplea.example", false],
    [`$\${HOST}`, `\${HOST}`, false],
    [`$$\${HOST}`, `$\${HOST}`, false],
    [`$\${#list[@]} \${HOST}`, `\${#list[@]} a.example`, false],
    [`\${NESTED}`, `\${HOST}`, true],
    [`$HOST $(HOST) \${HOST}}`, "$HOST $(HOST) a.example}", false],
  ];
  for (const [text, expanded, isWhole] of texts) {
    it(`makes ${JSON.stringify(expanded)} of ${JSON.stringify(text)}`, () => {
      assert.deepEqual(expand(text, variables), { text: expanded, isWhole, secrets: [], problems: [] });
    });
  }

  it("has nothing to do without a mark", () => {
    assert.equal(expand("$HOST {HOST} $$", variables), undefined);
  });

  const refused: [text: string, problem: RegExp][] = [
    [`\${PORT}`, /^the variable PORT is not defined/],
    [`\${HOST`, /begins no/],
    [`\${}`, /begins no/],
    [`\${node.name}`, /begins no/],
    [`\${HOST:=x}`, /begins no/],
    [`\${HOST-x}`, /begins no/],
    [`\${ HOST }`, /begins no/],
    [`\${A:-\${HOST}}`, /begins no/],
    [`\${__proto__}`, /^the variable __proto__ is not defined/],
  ];
  for (const [text, problem] of refused) {
    it(`refuses ${text}`, () => assert.match(expand(text, variables)?.problems[0] ?? "", problem));
  }

  it("tells which of the values come from Secrets", () => {
    assert.deepEqual(expand(`\${TOKEN}\${HOST}\${TOKEN}`, variables)?.secrets, ["TOKEN"]);
    assert.deepEqual(expand(`\${TOKEN:-x}`, variables)?.secrets, ["TOKEN"]);
  });

  it("has an end, and tells each problem once", () => {
    const long: Variables = new Map([["LONG", { value: "x".repeat(2_000_000), isSecret: false }]]);
    const { text, problems } = expand(`\${LONG}\${A}\${LONG}\${A}\${LONG}`, long)!;
    assert.equal(text.length, 2_000_000);
    assert.equal(problems.length, 2);
    assert.match(problems[1]!, /too large/);
  });

  it("knows names", () => {
    assert.deepEqual(["A", "_a1", "1a", "a-b", ""].filter(isVariableName), ["A", "_a1"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { negotiate, parseAccept } from "../../../apiserver/http/accept.ts";

describe("negotiate", () => {
  const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const cases: [string | undefined, string][] = [
    [undefined, "Object v1 application/json"],
    ["*/*", "Object v1 application/json"],
    ["application/*", "Object v1 application/json"],
    ["application/yaml", "Object v1 application/yaml"],
    ["text/html, application/json", "Object v1 application/json"],
    ["application/yaml;q=0.5, application/json;q=0.9", "Object v1 application/json"],
    ["application/json;q=0, application/yaml", "Object v1 application/yaml"],
    [`${table},application/json`, "Table v1 application/json"],
    ["application/json;as=Table;v=v1beta1;g=meta.k8s.io", "Table v1beta1 application/json"],
    ["APPLICATION/JSON; AS=Table; V=v1; G=meta.k8s.io", "Table v1 application/json"],
    ["application/json;as=Table;v=v7;g=meta.k8s.io,application/json", "Object v1 application/json"],
    ["application/json;as=Table;v=v1;g=other,application/json", "Object v1 application/json"],
    ["application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json", "Object v1 application/json"],
    ["application/json;stream=watch", "Object v1 application/json"],
  ];
  for (const [header, expected] of cases) {
    it(`takes ${header} for ${expected}`, () => {
      const { as, version, media } = negotiate(header);
      assert.equal(`${as} ${version} ${media}`, expected);
    });
  }

  for (const header of [
    "text/html",
    "application/vnd.kubernetes.protobuf",
    "application/json;q=0",
    "application/json;as=__proto__",
  ]) {
    it(`has nothing for ${JSON.stringify(header)}`, () => {
      assert.throws(() => negotiate(header), { reason: "NotAcceptable", code: 406 });
    });
  }

  it("has everything for nothing, as without a header", () => {
    assert.deepEqual(negotiate(""), negotiate(undefined));
  });

  it("never fails in another way, however the header looks", () => {
    const part = fc.constantFrom(
      "application/json",
      "*/*",
      ";",
      ",",
      "as=Table",
      "q=",
      "q=NaN",
      "q=1e9",
      "=",
      " ",
      "g=meta.k8s.io",
      "v=v1",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join("")),
        ),
        (header) => {
          assert.ok(parseAccept(header).length <= 32);
          try {
            negotiate(header);
          } catch (error) {
            assert.ok(error instanceof StatusError && error.reason === "NotAcceptable");
          }
        },
      ),
    );
  });
});

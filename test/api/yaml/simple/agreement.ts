import assert from "node:assert/strict";
import { ManifestError } from "../../../../api/manifest-error.ts";
import type { Variables } from "../../../../api/variables/expand.ts";
import { compose } from "../../../../api/yaml/compose.ts";
import type { Composed } from "../../../../api/yaml/composed.ts";
import { readSimple } from "../../../../api/yaml/simple/read-simple.ts";
import { simpleYaml } from "../../../../api/yaml/simple/simple-yaml.ts";

const variables: Variables = new Map([["X", { value: "put in", isSecret: false }]]);

/** Throws when our reader reads the text, and the library does not read the same at the same places. False when it is unsure. */
export function mustAgree(text: string): boolean {
  const simple = simpleYaml(text);
  if (!simple) {
    assert.equal(readSimple(text, "f"), undefined);
    return false;
  }
  const expected = libraryOf(text);
  assert.deepEqual(simple.map(shown), expected.map(shown));
  // Their order, which `deepEqual` does not see.
  assert.equal(JSON.stringify(simple.map(shown)), JSON.stringify(expected.map(shown)));
  const read = readSimple(text, "f")!;
  for (const [index, one] of expected.entries()) {
    for (const path of ["", "no.such[0]", ...pathsIn(one.value, "").slice(0, 40)]) {
      assert.deepEqual(simple[index]!.locate(path), one.locate(path), `place of ${path}`);
      assert.deepEqual(read[index]!.lineOf(path), one.locate(path), `place of ${path} in its own document`);
    }
  }
  const expanded = simpleYaml(text, { variables });
  if (expanded) assert.deepEqual(expanded.map(shown), compose(text, "f", { variables }).map(shown));
  return true;
}

function libraryOf(text: string): Composed[] {
  try {
    return compose(text, "f");
  } catch (error) {
    if (error instanceof ManifestError) assert.fail(`the library refuses it: ${error.message}`);
    throw error;
  }
}

const shown = ({ value, document, line, grown }: Composed): object => ({ value, document, line, grown });

function pathsIn(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = Array.isArray(value) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    return [own, ...pathsIn(member, own)];
  });
}

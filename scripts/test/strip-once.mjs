// Preloaded into each process that runs a test file: what Node's own stripping of types gives is kept by content, so that a file is stripped once and not
// by every process that imports it. The stripper itself, which Node loads at the first TypeScript file, is half of what a small test file costs.
// Plain JavaScript, because a preload in TypeScript would load the stripper.
import { hash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL(`../../build/stripped/${process.version}/`, import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    if (context.format !== "module-typescript" || !url.startsWith("file:")) return nextLoad(url, context);
    const source = readFileSync(new URL(url), "utf8");
    return { format: "module", source: stripped(source), shortCircuit: true };
  },
});

function stripped(source) {
  const path = `${cache}${hash("sha1", source)}.js`;
  try {
    return readFileSync(path, "utf8");
  } catch {
    const code = stripTypeScriptTypes(source);
    keep(path, code);
    return code;
  }
}

/** Under another name first, so that nobody reads half of it. A machine that refuses, for instance for want of space, costs time and nothing else. */
function keep(path, code) {
  const temporary = `${path}.${randomUUID()}`;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(temporary, code);
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}

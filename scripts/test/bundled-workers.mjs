// For `node --import`, in every test file: a thread of the product begins from its bundle (bundle-workers.ts). One that is older than what it was made
// of, or is not there, is passed over: then the thread begins from its source. JavaScript, since each thread loads this first.
import { readFileSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";

const project = new URL("../../", import.meta.url);
const folder = new URL("build/workers/", project);

if (!isMainThread)
  registerHooks({
    load(url, context, next) {
      const source = url.endsWith("-worker.ts") ? bundleOf(url) : undefined;
      return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
    },
  });

function bundleOf(url) {
  if (!url.startsWith(project.href)) return undefined;
  try {
    const bundles = JSON.parse(readFileSync(new URL("bundles.json", folder), "utf8"));
    const { bundle, inputs } = bundles[url.slice(project.href.length)];
    const file = new URL(bundle, folder);
    const madeAt = statSync(file).mtimeMs;
    const isOld = inputs.some((input) => statSync(new URL(input, project)).mtimeMs > madeAt);
    return isOld ? undefined : readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

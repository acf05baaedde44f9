import { explainWarning } from "../../../api/manifests/server-errors.ts";
import type { KubeObject } from "../../../api/object.ts";
import type { Context } from "../command/command.ts";
import { throwCollected } from "../errors/throw-collected.ts";
import { explainRefusal } from "../input/explain-refusal.ts";
import type { ManifestObject } from "../input/manifests.ts";
import { warn } from "../output/warn.ts";
import { dryRunSuffix } from "../text/messages.ts";
import { objectName } from "../text/name.ts";
import { type WrittenFormat, WrittenPrinter } from "./written.ts";

export interface WritingFlags {
  "dry-run": "none" | "client" | "server";
  output: WrittenFormat;
}

/**
 * Sends one object after the other and says `outcome` of each. It goes on after a refusal; what was refused is thrown in the end, told with the file and
 * line. With `--dry-run=client` nothing is sent.
 */
export async function writeManifests(
  manifests: readonly ManifestObject[],
  outcome: string,
  flags: WritingFlags,
  context: Context,
  send: (manifest: ManifestObject, onWarning: (text: string) => void) => Promise<KubeObject>,
): Promise<void> {
  const printer = new WrittenPrinter(context.out, flags.output);
  const errors: unknown[] = [];
  for (const manifest of manifests) {
    const onWarning = (text: string): unknown => warn(context.err, explainWarning(manifest, text));
    try {
      const object = flags["dry-run"] === "client" ? manifest.object : await send(manifest, onWarning);
      const name = objectName(manifest.resource, object.metadata.name);
      await printer.add({ object, name, message: `${name} ${outcome}${dryRunSuffix(flags["dry-run"])}` });
    } catch (error) {
      errors.push(explainRefusal(manifest, error));
    }
  }
  await printer.end();
  throwCollected(errors);
}

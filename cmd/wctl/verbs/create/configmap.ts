import { configMaps } from "../../../../api/scheme.ts";
import type { ConfigMap } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { createOne, createOptions, nameOf } from "./create-one.ts";
import { appendHash, hashed } from "./name-hash.ts";
import { readValues, valueOptions } from "./values.ts";

export const createConfigMap = command({
  name: "create configmap",
  summary: "Create a ConfigMap from files and words.",
  usage: ["create configmap NAME [--from-file=[KEY=]FILE]... [--from-literal=KEY=VALUE]... [flags]"],
  examples: [
    { what: "One key, from a file of that name", line: "wctl create configmap web --from-file=app.json" },
    {
      what: "Under another key; and a whole folder",
      line: "wctl create configmap web --from-file=main=a.json --from-file=conf/",
    },
    { what: "From words", line: "wctl create configmap web --from-literal=LEVEL=info --from-literal=HOSTS=a,b" },
    { what: "From a file of NAME=VALUE lines", line: "wctl create configmap web --from-env-file=web.env" },
    {
      what: "Make it as these files say, whether it is there or not",
      line: "wctl create configmap web --from-file=conf/ --dry-run=client -o yaml | wctl apply -f -",
    },
  ],
  options: [...valueOptions, appendHash, ...createOptions],
  async run(args, flags, context) {
    const name = nameOf(args, "create configmap");
    const data = new Map<string, string>();
    const binaryData = new Map<string, string>();
    for (const [key, bytes] of await readValues(flags, context.env)) {
      const text = textIn(bytes);
      if (text === undefined) binaryData.set(key, bytes.toString("base64"));
      else data.set(key, text);
    }
    const configMap: ConfigMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
      ...(data.size > 0 ? { data: Object.fromEntries(data) } : {}),
      ...(binaryData.size > 0 ? { binaryData: Object.fromEntries(binaryData) } : {}),
    };
    return createOne(configMaps, hashed(configMap, flags["append-hash"]), flags, context);
  },
});

/** Undefined for what is no text, which goes into `binaryData`. */
function textIn(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

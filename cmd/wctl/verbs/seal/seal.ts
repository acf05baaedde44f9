import { readFile } from "node:fs/promises";
import type { Seal } from "../../../../api/sealing/seal.ts";
import type { Secret } from "../../../../api/types.generated.ts";
import { count } from "../../../../lib/wording.ts";
import { type Context, command } from "../../command/command.ts";
import { filename } from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { readSources, type SourceText } from "../../input/sources.ts";
import { warn } from "../../output/warn.ts";
import { printValue } from "../../printers/print-value.ts";

export const seal = command({
  name: "seal",
  summary: "Encrypt Secrets for a host, so that they can be kept in git.",
  description:
    "Prints the manifests with each value of every Secret sealed (age) for all recipients; a GitSource whose spec.decrypt names the Secret of the identity opens them on its host. Comments, order and other documents stay; values that are sealed already stay as they are. It writes no file, and asks a server with --for only. --generate makes an identity: the Secret on standard output belongs on the host and nowhere else, the recipient on standard error may be known to everybody.",
  usage: [
    "seal -f FILE (--for=gitsource/NAME | --recipient=age1... | --recipients-file=FILE)... [--whole]",
    "seal --generate [NAME] [--post-quantum]",
  ],
  examples: [
    {
      what: "An identity for this host, kept by its daemon",
      line: "wctl seal --generate host-key -n ops | wctl apply -f -",
    },
    { what: "Seal the values of a Secret", line: "wctl seal -f secret.yaml --recipients-file hosts.txt > sealed.yaml" },
    {
      what: "For the host of a GitSource, by what its status says",
      line: "wctl seal -f secret.yaml --for gitsource/fleet > sealed.yaml",
    },
    {
      what: "Seal a file as one value",
      line: "wctl create secret generic web --from-file=tls.key --dry-run=client -o yaml | wctl seal -f - -r age1...",
    },
    {
      what: "Seal a whole file",
      line: "wctl seal --whole -f secret.yaml --recipients-file hosts.txt > secret.yaml.age",
    },
  ],
  options: [
    filename,
    {
      name: "for",
      type: "list",
      placeholder: "gitsource/NAME",
      description: "Whoever that GitSource of the server is: it publishes its recipients in status.recipients.",
    },
    {
      name: "recipient",
      short: "r",
      type: "list",
      placeholder: "age1...",
      description: "Who can open it; may be given several times.",
    },
    {
      name: "recipients-file",
      type: "list",
      placeholder: "FILE",
      description: "A file with one recipient on each line; those that begin with # are skipped.",
    },
    { name: "whole", type: "boolean", description: "Seal the file as one, names and all: for a file NAME.yaml.age." },
    { name: "generate", type: "boolean", description: "Make an identity, and print it as a Secret." },
    {
      name: "post-quantum",
      type: "boolean",
      description:
        "With --generate: an identity that also withstands quantum computers; what is sealed for it is longer.",
    },
  ],
  async run(args, flags, context) {
    if (flags.generate) {
      if (
        [flags.filename, flags.for, flags.recipient, flags["recipients-file"]].some((all) => all.length > 0) ||
        flags.whole
      )
        throw usageFailure("seal", "--generate seals nothing: it takes a NAME only");
      return generate(args, flags["post-quantum"], context);
    }
    if (args.length > 0) throw usageFailure("seal", "files are named with -f");
    if (flags.filename.length === 0) throw usageFailure("seal", "must specify one of -f, --generate");
    const sources = await readSources(flags.filename, { recursive: false, ...context });
    const sealValue = await sealOf(flags.recipient, flags["recipients-file"], flags.for, context);
    if (flags.whole) await sealWhole(sources, sealValue, context);
    else await sealValues(sources, sealValue, context);
    return 0;
  },
});

async function sealOf(
  recipients: readonly string[],
  files: readonly string[],
  sources: readonly string[],
  { session }: Context,
): Promise<Seal> {
  const { sealFor } = await import("../../../../api/sealing/seal.ts");
  const { parseRecipients } = await import("../../../../api/sealing/identities.ts");
  const all = [...recipients];
  for (const file of files) {
    const text = await readFile(file, "utf8").catch((error: Error) => {
      throw new Failure(`cannot read ${JSON.stringify(file)}: ${error.message}`, { cause: error });
    });
    all.push(...parseRecipients(text));
  }
  for (const source of sources) {
    const { recipientsOfSource } = await import("./recipients-of-source.ts");
    all.push(...(await recipientsOfSource(source, session)));
  }
  if (all.length === 0) throw usageFailure("seal", "must specify one of --for, --recipient, --recipients-file");
  return sealFor(all);
}

async function sealValues(sources: readonly SourceText[], sealValue: Seal, { out, err }: Context): Promise<void> {
  const { sealManifests } = await import("../../../../api/sealing/seal-manifests.ts");
  const results = [];
  for (const { bytes, name } of sources) results.push({ name, ...(await sealManifests(bytes, name, sealValue)) });
  for (const { name, kept } of results) {
    if (kept > 0)
      await warn(err, `${name}: ${count(kept, "value")} sealed before and left as it was, for whomever that is`);
  }
  for (const place of results.flatMap(({ shown }) => shown)) {
    await warn(err, `${place}: the value stands elsewhere in the file too, where it can still be read`);
  }
  await out.write(results.map(({ text }) => text.replace(/^---\n/, "")).join("---\n"));
}

async function sealWhole(sources: readonly SourceText[], sealValue: Seal, { out }: Context): Promise<void> {
  const [source, ...more] = sources;
  if (!source || more.length > 0) throw usageFailure("seal", `--whole seals one file, got ${sources.length}`);
  const { sealFile } = await import("../../../../api/sealing/seal-manifests.ts");
  await out.write(await sealFile(source.bytes, source.name, sealValue));
}

async function generate(args: readonly string[], isPostQuantum: boolean, context: Context): Promise<number> {
  const [name = "age-identity", ...more] = args;
  if (more.length > 0) throw usageFailure("seal", `--generate takes one NAME, got ${args.length}`);
  const { generateIdentity } = await import("../../../../api/sealing/seal.ts");
  const { identity, recipient } = await generateIdentity(isPostQuantum);
  const { namespace } = context.session;
  const secret: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    stringData: { identity },
  };
  await context.out.write(await printValue("yaml", secret));
  await context.err.write(`Recipient: ${recipient}\n`);
  return 0;
}

import { ManifestError } from "../../../../api/manifest-error.ts";
import { placeErrors, placeWarning } from "../../../../api/manifests/server-errors.ts";
import { sealedValues, withValues } from "../../../../api/sealing/sealed-values.ts";
import { count } from "../../../../lib/wording.ts";
import { type Context, command } from "../../command/command.ts";
import { filename, recursive } from "../../command/common-options.ts";
import { openManifestChecks } from "../../daemon.ts";
import { Exit, Failure, usageFailure } from "../../errors/failure.ts";
import { collectManifests, declaredTwice, type ManifestObject } from "../../input/manifests.ts";
import type { ManifestChecks } from "../../manifest-checks.ts";
import { json } from "../../printers/json.ts";
import { painter } from "../../text/colour.ts";
import { danglingReferences } from "./dangling.ts";
import { about, type Finding, findingLine, unreadable } from "./finding.ts";

const INVALID = 1;
/** So that a script can tell a bad manifest from a check that could not be made. */
const FAILED = 2;

export const validate = command({
  name: "validate",
  summary: "Check files as the server would, without one.",
  description:
    "Runs the server's own checks on every document and tells all that is wrong, each with its file and line. What files of one call refer to and do not declare is a warning. It cannot know what only a server knows: which objects are there already, and who may write what. Exit code 0: valid; 1: not; 2: it could not be checked.",
  usage: ["validate -f (FILE | DIR | URL | -)... [flags]"],
  examples: [
    { what: "Check a file", line: "wctl validate -f web.yaml" },
    { what: "Check a folder in CI; warnings fail too", line: "wctl validate -R -f manifests/ --warnings-as-errors" },
    { what: "Check what another program writes", line: "render | wctl validate -f -" },
    { what: "Findings for a program", line: "wctl validate -f web.yaml -o json" },
  ],
  options: [
    filename,
    recursive,
    { name: "warnings-as-errors", type: "boolean", description: "Exit with 1 when there are only warnings, too." },
    { name: "output", short: "o", type: "string", oneOf: ["json"], description: "Print the findings in this form." },
  ],
  async run(args, flags, context) {
    try {
      if (args.length > 0 || flags.filename.length === 0) throw usageFailure("validate", "files are named with -f");
      const report = await check(flags, context);
      if (report.objects + report.findings.length === 0) throw new Failure("no objects in these files");
      await context.out.write(flags.output === "json" ? json(withCounts(report)) : textOf(report, context));
      const { errors, warnings } = withCounts(report);
      return errors > 0 || (flags["warnings-as-errors"] && warnings > 0) ? INVALID : 0;
    } catch (error) {
      throw new Exit(FAILED, error);
    }
  },
});

interface Report {
  files: number;
  /** As many as could be read. */
  objects: number;
  findings: Finding[];
}

async function check(
  { filename: names, recursive }: { filename: string[]; recursive: boolean },
  context: Context,
): Promise<Report> {
  const { namespace } = context.session;
  const home = { namespace: namespace ?? "default", namespaceGiven: namespace !== undefined };
  const { objects, errors, files } = await collectManifests(names, recursive, home, context);
  const checks = await openManifestChecks();
  const wrong = [
    ...[...errors, ...declaredTwice(objects)].map(unreadable),
    ...objects.flatMap((manifest) => checkOne(manifest, checks)),
  ];
  const findings = [...wrong, ...danglingReferences(objects).filter((one) => !isToldIn(wrong, one))];
  const fileOrder = [...new Set([...objects, ...findings].map(({ file }) => file))];
  findings.sort((a, b) => fileOrder.indexOf(a.file) - fileOrder.indexOf(b.file) || a.line - b.line);
  return { files, objects: objects.length, findings };
}

/** A name that is wrong in itself leads nowhere anyway. */
const isToldIn = (wrong: readonly Finding[], { file, line, field = "" }: Finding): boolean =>
  wrong.some((one) => one.file === file && one.line === line && one.field?.startsWith(field));

function checkOne(manifest: ManifestObject, checks: ManifestChecks): Finding[] {
  const { object, misplaced } = withoutSeals(manifest);
  if (misplaced) return [unreadable(misplaced)];
  const { refusal, warnings = [] } = checks.check(object) ?? {};
  return [
    ...(refusal ? placeErrors(manifest, refusal).map((placed) => about(manifest, "error", placed)) : []),
    ...warnings.map((text) => about(manifest, "warning", placeWarning(manifest, text))),
  ];
}

/** What is sealed is opened on its host only; here an empty value stands for it. */
function withoutSeals(manifest: ManifestObject): Pick<ManifestObject, "object"> & { misplaced?: ManifestError } {
  try {
    return withValues(
      manifest,
      sealedValues(manifest).map((value) => ({ ...value, text: "" })),
    );
  } catch (error) {
    if (error instanceof ManifestError) return { object: manifest.object, misplaced: error };
    throw error;
  }
}

const withCounts = (report: Report): Report & { valid: boolean; errors: number; warnings: number } => {
  const errors = report.findings.filter(({ severity }) => severity === "error").length;
  return { ...report, valid: errors === 0, errors, warnings: report.findings.length - errors };
};

/** A line for each finding, and one that sums them up. */
function textOf(report: Report, context: Context): string {
  const paint = painter(context.out);
  const { errors, warnings, objects, files } = withCounts(report);
  const all = `${count(objects, "object")} in ${count(files, "file")}`;
  const sums = [
    ...(errors > 0 ? [count(errors, "error")] : [`${objects === 1 ? "is" : "are"} valid`]),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ].join(", ");
  const lines = report.findings.map((finding) => findingLine(finding, paint));
  return `${[...lines, errors > 0 ? `${all}: ${sums}` : `${all} ${sums}`].join("\n")}\n`;
}

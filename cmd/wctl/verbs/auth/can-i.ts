import { resourceNamed } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import { allNamespaces, noHeaders } from "../../command/common-options.ts";
import { servedAs } from "../../discovery/served.ts";
import { Failure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { warn } from "../../output/warn.ts";
import { inColumns } from "../../printers/columns.ts";
import { plainLine } from "../../text/plain.ts";
import { type AskedResource, questionOf } from "./question.ts";
import { review } from "./review.ts";
import { type Rule, ruleRows } from "./rule-rows.ts";

const NOT_ALLOWED = 1;

export const authCanI = command({
  name: "auth can-i",
  summary: "Say whether you may do something.",
  description: "The server answers yes or no. Exit code 0: yes; 1: no. With --list: all that you may do.",
  usage: ["auth can-i VERB (TYPE | TYPE/NAME | /URL) [flags]", "auth can-i --list [flags]"],
  examples: [
    { what: "May I create processes here?", line: "wctl auth can-i create processes" },
    { what: "May I read this Secret, in every namespace?", line: "wctl auth can-i get secret/web -A" },
    {
      what: "May I run commands beside instances? For a script",
      line: "wctl auth can-i create instances --subresource=exec -q",
    },
    { what: "What may I do in this namespace?", line: "wctl auth can-i --list -n shop" },
  ],
  takes: {
    words: ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*"],
    types: "any",
  },
  options: [
    allNamespaces,
    { name: "list", type: "boolean", description: "All that you may do in the namespace." },
    {
      name: "subresource",
      type: "string",
      placeholder: "NAME",
      description: "A part of the object: status, scale, log, exec.",
    },
    { name: "quiet", short: "q", type: "boolean", description: "Print nothing; the exit code tells it." },
    noHeaders,
  ],
  async run(args, flags, context) {
    if (flags.list) {
      if (args.length > 0) throw new Failure("list option must be specified with no arguments");
      if (flags.quiet) throw new Failure("--list and --quiet can not be used together");
      return list(flags["all-namespaces"], flags["no-headers"], context);
    }
    const { client, namespace } = await context.session.open();
    const where = flags["all-namespaces"] ? undefined : namespace;
    const resolve = async (type: string): Promise<AskedResource | undefined> =>
      resourceNamed(type) ?? servedAs(client, type, context.signal);
    const about = { subresource: flags.subresource, namespace: where };
    const { question, warnings } = await questionOf(args, about, resolve);
    if (!flags.quiet) for (const text of warnings) await warn(context.err, text);
    const { status } = await review(
      client,
      "authorization.k8s.io",
      "SelfSubjectAccessReview",
      question,
      context.signal,
    );
    const { allowed, reason, evaluationError } = (status ?? {}) as AccessStatus;
    const more = [reason, evaluationError].filter((text) => text).map((text) => ` - ${plainLine(text!)}`);
    if (!flags.quiet) await line(context.out, `${allowed === true ? "yes" : "no"}${more.join("")}`);
    return allowed === true ? 0 : NOT_ALLOWED;
  },
});

interface AccessStatus {
  allowed?: boolean;
  reason?: string;
  evaluationError?: string;
}

interface RulesStatus {
  resourceRules?: Rule[] | null;
  nonResourceRules?: Rule[] | null;
  incomplete?: boolean;
  evaluationError?: string;
}

async function list(everywhere: boolean, noHeaders: boolean, { session, out, err, signal }: Context): Promise<number> {
  const { client, namespace } = await session.open();
  const spec = { namespace: everywhere ? "" : namespace };
  const { status } = await review(client, "authorization.k8s.io", "SelfSubjectRulesReview", spec, signal);
  const { resourceRules, nonResourceRules, incomplete, evaluationError } = (status ?? {}) as RulesStatus;
  if (incomplete) await line(err, `warning: the list may be incomplete: ${plainLine(evaluationError ?? "")}`);
  const rows = ruleRows([...(resourceRules ?? []), ...(nonResourceRules ?? [])]).map((row) => row.map(plainLine));
  const header = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"];
  await out.write(inColumns([...(noHeaders ? [] : [header]), ...rows]));
  return 0;
}

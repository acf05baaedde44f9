import { resourceNamed } from "../../../../api/scheme.ts";
import { Failure } from "../../errors/failure.ts";

/** What a SelfSubjectAccessReview asks. */
export type Question =
  | {
      resourceAttributes: {
        namespace?: string;
        verb: string;
        group?: string;
        resource: string;
        subresource?: string;
        name?: string;
      };
    }
  | { nonResourceAttributes: { verb: string; path: string } };

export interface Asked {
  question: Question;
  /** What is odd about it, and may be meant all the same. */
  warnings: string[];
}

const resourceVerbs =
  "get list watch create update patch delete deletecollection use bind impersonate approve sign escalate attest *".split(
    " ",
  );
const urlVerbs = "get post put head options delete patch *".split(" ");

/** Reads `VERB TYPE`, `VERB TYPE/NAME` or `VERB /URL`. Absent namespace: all of them. */
export function questionOf(
  args: readonly string[],
  { subresource, namespace }: { subresource: string | undefined; namespace: string | undefined },
): Asked {
  const [verb, what, ...more] = args;
  if (verb === undefined || what === undefined || more.length > 0)
    throw new Failure("you must specify two arguments: verb resource or verb resource/resourceName.", {
      hint: "See 'wctl auth can-i -h' for help and examples.",
    });
  const known = what.startsWith("/") ? urlVerbs : resourceVerbs;
  const warnings = known.includes(verb) ? [] : [`verb '${verb}' is not a known verb`];
  if (what.startsWith("/")) {
    if (subresource) throw new Failure("--subresource can not be used with NonResourceURL");
    return { question: { nonResourceAttributes: { verb, path: what } }, warnings };
  }
  const slash = what.indexOf("/");
  const [type, name] = slash < 0 ? [what, undefined] : [what.slice(0, slash), what.slice(slash + 1)];
  const resource = resourceNamed(type);
  if (!resource && type !== "*") warnings.push(`the server doesn't have a resource type '${type}'`);
  if (resource && !resource.namespaced && namespace !== undefined)
    warnings.push(
      `resource '${resource.plural}' is not namespace scoped${resource.group ? ` in group '${resource.group}'` : ""}`,
    );
  const [plural = "", ...group] = type.split(".");
  const attributes = {
    ...(namespace === undefined ? {} : { namespace }),
    verb,
    group: type === "*" ? "*" : (resource?.group ?? group.join(".")),
    resource: resource?.plural ?? plural,
    ...(subresource ? { subresource } : {}),
    ...(name ? { name } : {}),
  };
  return { question: { resourceAttributes: attributes }, warnings };
}

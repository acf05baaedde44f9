import type { Resource } from "../../../../api/scheme.ts";
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

export type AskedResource = Pick<Resource, "group" | "plural" | "namespaced">;

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
export async function questionOf(
  args: readonly string[],
  { subresource, namespace }: { subresource: string | undefined; namespace: string | undefined },
  resolve: (type: string) => Promise<AskedResource | undefined>,
): Promise<Asked> {
  const [verb, what, ...more] = args;
  if (verb === undefined || what === undefined || more.length > 0)
    throw new Failure("you must specify two arguments: verb resource or verb resource/resourceName.", {
      hint: "See 'wctl auth can-i -h' for help and examples.",
    });
  const known = what.startsWith("/") ? urlVerbs : resourceVerbs;
  const unknownVerb = known.includes(verb) ? [] : [`verb '${verb}' is not a known verb`];
  if (what.startsWith("/")) {
    if (subresource) throw new Failure("--subresource can not be used with NonResourceURL");
    return { question: { nonResourceAttributes: { verb, path: what } }, warnings: unknownVerb };
  }
  const slash = what.indexOf("/");
  const [type, name] = slash < 0 ? [what, undefined] : [what.slice(0, slash), what.slice(slash + 1)];
  const resource = type === "*" ? undefined : await resolve(type);
  const [plural = "", ...rest] = type.split(".");
  const group = rest.join(".");
  const attributes = {
    ...(namespace === undefined ? {} : { namespace }),
    verb,
    group: type === "*" ? "*" : (resource?.group ?? group),
    resource: resource?.plural ?? plural,
    ...(subresource ? { subresource } : {}),
    ...(name ? { name } : {}),
  };
  const oddity = type === "*" ? [] : oddityOf(resource, { plural, group }, namespace);
  return { question: { resourceAttributes: attributes }, warnings: [...oddity, ...unknownVerb] };
}

function oddityOf(
  resource: AskedResource | undefined,
  typed: { plural: string; group: string },
  namespace: string | undefined,
): string[] {
  const inGroup = (group: string): string => (group ? ` in group '${group}'` : "");
  if (!resource) return [`the server doesn't have a resource type '${typed.plural}'${inGroup(typed.group)}`];
  if (resource.namespaced || namespace === undefined) return [];
  return [`resource '${resource.plural}' is not namespace scoped${inGroup(resource.group)}`];
}

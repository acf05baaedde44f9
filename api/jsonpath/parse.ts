import { ExpressionParser } from "./expression-parser.ts";
import { JsonPathError } from "./json-path-error.ts";
import type { Step } from "./steps.ts";

export type TemplateNode =
  | { kind: "text"; text: string }
  | { kind: "path"; steps: Step[] }
  | { kind: "range"; steps: Step[]; body: TemplateNode[] };

/** Characters. */
const MAX_LENGTH = 16_384;
/** Ranges in ranges. */
const MAX_RANGES = 16;

/** Text with expressions in braces; `{range …}` to `{end}` repeats. One pass. */
export function parseNodes(template: string): TemplateNode[] {
  checkLength(template);
  const root: TemplateNode[] = [];
  const open: TemplateNode[][] = [root];
  for (let at = 0; at < template.length; ) {
    const body = open.at(-1) ?? root;
    const brace = template.indexOf("{", at);
    const text = template.slice(at, brace < 0 ? template.length : brace);
    if (text !== "") body.push({ kind: "text", text });
    if (brace < 0) break;
    const expression = new ExpressionParser(template, brace + 1, 0);
    const word = expression.word();
    if (word === "end") {
      if (open.length === 1) throw new JsonPathError("not in range, nothing to end");
      open.pop();
      expression.steps("}");
    } else if (word === "range") {
      if (open.length > MAX_RANGES) throw new JsonPathError(`more than ${MAX_RANGES} ranges inside each other`);
      const range: TemplateNode = { kind: "range", steps: expression.steps("}"), body: [] };
      body.push(range);
      open.push(range.body);
    } else {
      body.push({ kind: "path", steps: expression.steps("}") });
    }
    at = expression.position;
  }
  if (open.length > 1) throw new JsonPathError("unclosed range: {end} is missing");
  return root;
}

/** One expression, in any of the relaxed forms of kubectl: `{.a.b}`, `.a.b`, `a.b`. */
export function parsePath(path: string): Step[] {
  checkLength(path);
  const trimmed = path.trim();
  const inner = trimmed.startsWith("{") && trimmed.endsWith("}") ? trimmed.slice(1, -1).trimStart() : trimmed;
  if (inner === "")
    throw new JsonPathError(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  const rooted = /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return new ExpressionParser(rooted, 0, 0).steps("");
}

function checkLength(text: string): void {
  if (text.length > MAX_LENGTH) throw new JsonPathError(`the template is longer than ${MAX_LENGTH} characters`);
}

/**
 * kubectl's dialect of JSONPath (client-go `util/jsonpath`). Nothing is evaluated as code; length, nesting and work are bounded.
 * Throws nothing but JsonPathError. Missing fields give nothing.
 */
import { Evaluation } from "./evaluation.ts";
import { parseNodes, parsePath, type TemplateNode } from "./parse.ts";

/**
 * The values at a path: `{.items[*].metadata.name}`, also without braces or leading dot. An index beyond the end of a list gives
 * nothing. Throws JsonPathError for what is not a path; the function it returns, only when the work has no end.
 */
export function parseJsonPath(path: string): (value: unknown) => unknown[] {
  const steps = parsePath(path);
  return (value) => new Evaluation(false).walk([value], steps);
}

export interface JsonPathTemplate {
  /** The text of `-o jsonpath=`: values of one expression joined by spaces; maps and lists as JSON. */
  text(value: unknown): string;
  /** Every value of every expression, in order: `-o jsonpath-as-json=`. */
  values(value: unknown): unknown[];
}

/** A text with expressions: `{range .items[*]}{.metadata.name}{"\n"}{end}`. Throws JsonPathError. */
export function parseJsonPathTemplate(template: string): JsonPathTemplate {
  const nodes = parseNodes(template);
  const run = (value: unknown, found: (values: unknown[], text: string | undefined) => void): void => {
    const evaluation = new Evaluation(true);
    const visit = (body: TemplateNode[], current: unknown): void => {
      for (const node of body) {
        if (node.kind === "text") found([], node.text);
        else if (node.kind === "path") found(evaluation.walk([current], node.steps), undefined);
        else for (const item of evaluation.walk([current], node.steps)) visit(node.body, item);
      }
    };
    visit(nodes, value);
  };
  return {
    text(value) {
      const parts: string[] = [];
      run(value, (values, text) => parts.push(text ?? values.map(textOf).join(" ")));
      return parts.join("");
    },
    values(value) {
      const all: unknown[] = [];
      run(value, (values) => all.push(...values));
      return all;
    },
  };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

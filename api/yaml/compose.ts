/** Runs the library's parser within limits: one file of YAML to values and places. */
import { Composer, type CST, Lexer, type Document as LibraryDocument, LineCounter, type Node, Parser } from "yaml";
import { MAX_DEPTH } from "../limits.ts";
import { ManifestError } from "../manifest-error.ts";
import type { Composed, OnFault, Place, YamlReading } from "./composed.ts";
import { yamlProblems } from "./problems.ts";
import { type Misuse, Substitution } from "./substitution.ts";
import { type Expansion, type Fail, start, YamlTree } from "./yaml-tree.ts";

/** Documents of one file. */
const MAX_DOCUMENTS = 10_000;

/** Words, marks, spaces and line ends of one file: some thousands of Objects, and no more than about a second and 150 MiB. */
const MAX_TOKENS = 300_000;

/**
 * The documents in order; those without content are left out. Throws a ManifestError at the first fault, or with `onFault` only at what keeps the
 * rest of the file from being read. All that is wrong with variables is told together.
 */
export function compose(text: string, file: string, { onFault, variables }: YamlReading = {}): Composed[] {
  const substitution = variables && new Substitution(variables);
  const aliases: Expansion = { size: 0 };
  const grown = (): number => aliases.size + (substitution?.size ?? 0);
  const misuses: (Misuse & { document: number })[] = [];
  const lines = new LineCounter();
  const documents: Composed[] = [];
  let count = 1;
  let end = 0;
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fail: Fail = (offset, problem) => {
    throw new ManifestError({ file, document: count, ...placeOf(offset) }, problem);
  };
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false, // quadratic in the library; checked by YamlTree
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  for (const composed of composer.compose(tokens(text, lines, fail))) {
    if (count > MAX_DOCUMENTS) fail(composed.range[0], `more than ${MAX_DOCUMENTS} documents in one file: split it`);
    const range: Composed["range"] = [end, composed.range[2]];
    end = composed.range[2];
    const before = grown();
    try {
      const read = readDocument(composed, new YamlTree(fail, aliases, substitution), fail);
      for (const misuse of substitution?.misuses(read?.value) ?? []) misuses.push({ ...misuse, document: count });
      const document = { document: count, range, grown: grown() - before };
      if (read) documents.push(describe({ ...document, value: read.value }, read.root, read.tree, placeOf));
    } catch (error) {
      if (!onFault || !(error instanceof ManifestError)) throw error;
      onFault(error);
    }
    count++;
  }
  if (misuses.length > 0) refuse(misuses, file, placeOf, onFault);
  return documents;
}

/** Undefined when there is nothing in it. */
function readDocument(
  { errors, directives, range, contents }: LibraryDocument.Parsed,
  tree: YamlTree,
  fail: Fail,
): { value: unknown; root: Node; tree: YamlTree } | undefined {
  const [error] = errors;
  if (error) fail(error.pos[0], yamlProblems[error.code] ?? yamlProblems.IMPOSSIBLE);
  if (directives?.yaml.explicit && directives.yaml.version !== "1.2") {
    fail(range[0], "only YAML 1.2 is read: remove the %YAML directive");
  }
  const root = contents as Node | null;
  if (!root) return undefined;
  const value = tree.read(root, 1);
  return value === null ? undefined : { value, root, tree };
}

function describe(
  read: Omit<Composed, "line" | "locate">,
  root: Node,
  tree: YamlTree,
  placeOf: (offset: number) => Place,
): Composed {
  return {
    ...read,
    line: placeOf(start(root)).line,
    locate(fieldPath) {
      const offset = tree.locate(root, fieldPath);
      return offset === undefined ? undefined : placeOf(offset);
    },
  };
}

/** As many as a person would read. */
const MOST_TOLD = 20;

/** To `onFault` each by itself, else one error for all, at the place of the first. */
function refuse(
  misuses: readonly (Misuse & { document: number })[],
  file: string,
  placeOf: (offset: number) => Place,
  onFault: OnFault | undefined,
): void {
  const errorAt = ({ offset, document }: (typeof misuses)[number], problem: string): ManifestError =>
    new ManifestError({ file, document, ...placeOf(offset) }, problem);
  if (onFault) {
    for (const misuse of misuses) onFault(errorAt(misuse, misuse.problem));
    return;
  }
  const [first, ...others] = misuses;
  const told = others.slice(0, MOST_TOLD).map(({ offset, problem }) => `line ${placeOf(offset).line}: ${problem}`);
  const more = others.length > MOST_TOLD ? [`and ${others.length - MOST_TOLD} more`] : [];
  throw errorAt(first!, [first!.problem, ...told, ...more].join("; "));
}

/** The parser's own loop, with an end to how much there is and how deep it stacks. */
function* tokens(text: string, lines: LineCounter, fail: Fail): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > MAX_TOKENS) fail(parser.offset, `the file has more than ${MAX_TOKENS} words and marks: split it`);
    yield* parser.next(lexeme);
    // A document and a scalar may stand on the stack beside the collections.
    if (parser.stack.length > MAX_DEPTH + 2) fail(parser.offset, `nested deeper than ${MAX_DEPTH} levels`);
  }
  yield* parser.end();
}

/** Reading and writing YAML 1.2's core schema (so JSON too), and nothing beyond what JSON can hold. */
import { Composer, type CST, Document, Lexer, LineCounter, type Node, Parser, visit } from "yaml";
import { MAX_DEPTH } from "./limits.ts";
import { ManifestError } from "./manifest-error.ts";
import { manifestText } from "./manifest-text.ts";
import { yamlProblems } from "./yaml-problems.ts";
import { type Fail, start, YamlTree } from "./yaml-tree.ts";

export interface Place {
  /** Both 1-based. */
  line: number;
  column: number;
}

export interface YamlDocument {
  value: unknown;
  file: string;
  /** 1-based, empty documents counted. */
  document: number;
  /** Where the value begins. */
  line: number;
  /** Where the field is written, by a path like `spec.env[0].name`; undefined when the text does not have it. */
  lineOf(fieldPath: string): Place | undefined;
}

/** Documents of one file. */
const MAX_DOCUMENTS = 10_000;

/** Words, marks, spaces and line ends of one file: some thousands of Objects, and no more than about a second and 150 MiB. */
const MAX_TOKENS = 300_000;

/**
 * The documents of a file, in order; those without content are left out. Throws a ManifestError that names the place and what to do:
 * for what is not YAML, duplicate keys, merge keys, tags, keys that could reach a prototype, bombs, and all that JSON cannot hold.
 */
export function readYaml(source: string | Uint8Array, file: string): YamlDocument[] {
  const text = manifestText(source, file);
  return compose(text, file).map(({ lineOf: _, ...read }) => {
    const { document } = read; // Nothing else of what was composed may be held.
    return { ...read, lineOf: (path) => lineIn(text, file, document, path) };
  });
}

/** What was read last. The nodes take twenty times the room of their text, and lines are asked for when something is wrong: it is read again then. */
let latest: { text: string; documents: YamlDocument[] } | undefined;

function lineIn(text: string, file: string, document: number, path: string): Place | undefined {
  const documents = latest?.text === text ? latest.documents : compose(text, file);
  return documents.find((one) => one.document === document)?.lineOf(path);
}

/** Their `lineOf` holds on to the nodes. */
function compose(text: string, file: string): YamlDocument[] {
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  let count = 1;
  const fail: Fail = (offset, problem) => {
    const { line, col } = lines.linePos(offset);
    throw new ManifestError({ file, document: count, line: Math.max(1, line), column: Math.max(1, col) }, problem);
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
    const [error] = composed.errors;
    if (error) fail(error.pos[0], yamlProblems[error.code] ?? yamlProblems.IMPOSSIBLE);
    if (composed.directives.yaml.explicit && composed.directives.yaml.version !== "1.2") {
      fail(composed.range[0], "only YAML 1.2 is read: remove the %YAML directive");
    }
    const root = composed.contents as Node | null;
    const tree = new YamlTree(fail);
    const value = root ? tree.read(root, 1) : null;
    if (root && value !== null) documents.push(describe({ value, file, document: count }, root, tree, lines));
    count++;
  }
  latest = { text, documents };
  return documents;
}

/** A value as kubectl prints YAML: keys sorted, lists at the indentation of their key, ambiguous words in quotes. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false, sortMapEntries: true });
  // Block scalars cannot keep spaces at their edges; kubectl quotes such strings too.
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && /^\s|[ \t]\n|[ \t]$/.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0 });
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

function describe(
  read: Pick<YamlDocument, "value" | "file" | "document">,
  root: Node,
  tree: YamlTree,
  lines: LineCounter,
): YamlDocument {
  return {
    ...read,
    line: lines.linePos(start(root)).line,
    lineOf(fieldPath) {
      const offset = tree.locate(root, fieldPath);
      if (offset === undefined) return undefined;
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
  };
}

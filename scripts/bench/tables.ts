import type { Row } from "../../test/bench/peers/row.ts";
import type { Result } from "../../test/bench/result.ts";

/** What `make bench` or `make bench-peers` printed, one of them or several runs after each other. */
export interface Figures {
  at: string;
  machine: { cpus: number; cpu?: string };
  system: string;
  node: string;
  /** Of `make bench`. */
  results?: Result[];
  /** Of `make bench-peers`. */
  rows?: Row[];
  versions?: Record<string, string>;
  skipped?: Record<string, string>;
}

/** The page with the tables that these figures make; a table of which there are no figures stays. */
export function withTables(page: string, figures: readonly Figures[]): string {
  const results = figures.flatMap(({ results = [] }) => results);
  const ofPeers = figures.filter(({ rows }) => rows !== undefined);
  let made = page;
  if (ofPeers.length > 0) made = withTable(made, "peers", peersTable(ofPeers));
  if (results.length > 0) made = withTable(made, "reach", reachTable(results, figures));
  return made;
}

function withTable(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- table: ${name} -->\n`, `<!-- end of table: ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for the table: ${begin.trim()} and ${end}`);
  return `${page.slice(0, from)}${begin}${table}\n${page.slice(to)}`;
}

function peersTable(runs: readonly Figures[]): string {
  const rows = runs.flatMap(({ rows = [] }) => rows);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.of)))];
  const versions = Object.assign({}, ...runs.map((run) => run.versions ?? {})) as Record<string, string>;
  const skipped = Object.entries(Object.assign({}, ...runs.map((run) => run.skipped ?? {})) as Record<string, string>);
  return [
    ...head(["", "n", ...names, "wctl / systemd"]),
    ...rows.map((row) => {
      const { wctl, systemd } = row.of;
      const ratio = wctl === undefined || systemd === undefined ? undefined : wctl / systemd;
      return line([
        `${row.what}, ${row.unit}`,
        row.n,
        ...names.map((name) => shown(row.of[name], "-")),
        shown(ratio, "-"),
      ]);
    }),
    "",
    `${where(runs)}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    ...skipped.map(([name, why]) => `Not measured: ${name}: ${why}.`),
  ].join("\n");
}

function reachTable(results: readonly Result[], runs: readonly Figures[]): string {
  const hasBefore = results.some(({ before }) => before !== undefined);
  return [
    ...head(["", "n", ...(hasBefore ? ["before"] : []), "wctl", "floor", "ratio", "wanted", ""]),
    ...results.map((result) =>
      line([
        `${result.what}, ${result.unit}`,
        result.n ?? "",
        ...(hasBefore ? [shown(result.before, "")] : []),
        shown(result.wctl, ""),
        shown(result.floor, ""),
        shown(result.ratio, ""),
        result.target,
        result.isMet ? "met" : "missed",
      ]),
    ),
    "",
    `${where(runs)}.`,
  ].join("\n");
}

const head = (names: string[]): string[] => [line(names), line(names.map(() => "---"))];
const line = (cells: (string | number)[]): string => `| ${cells.join(" | ")} |`;

const where = (runs: readonly Figures[]): string => {
  const { machine, system, node } = runs[0]!;
  const days = [...new Set(runs.map(({ at }) => at.slice(0, 10)))];
  return `${days.join(" and ")}, ${machine.cpus} processors (${machine.cpu ?? "unknown"}), ${system.replace(/^(\w+ \d+\.\d+).*/, "$1")}, Node ${node}`;
};

/** Three digits say all that a figure of a bench can say. */
const shown = (value: number | undefined, absent: string): string =>
  value === undefined ? absent : Number(value.toPrecision(value >= 1000 ? 4 : 3)).toString();

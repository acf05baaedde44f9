import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { describe, it } from "node:test";
import { projectRoot, rooms } from "./sources.ts";

interface Page {
  /** From the project's root, with forward slashes. */
  path: string;
  text: string;
}

const pagesOf = (pattern: string): Page[] =>
  globSync(pattern, { cwd: projectRoot }).map((file) => {
    const path = file.replaceAll("\\", "/");
    return { path, text: readFileSync(join(projectRoot, path), "utf8") };
  });

const front = pagesOf("*.md");
const docs = pagesOf("docs/{*,guides/*}.md");
const kindPages = pagesOf("docs/kinds/*.md");
const decisions = pagesOf("docs/decisions/*.md");
const all = [...front, ...docs, ...kindPages, ...decisions];

/** Links of a page to other files of the project: what follows in brackets, without the addresses of others. */
const linksOf = ({ text }: Page): string[] =>
  Array.from(text.matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g), ([, link, source]) => link ?? source!).filter(
    (link) => !/^[a-z]+:/.test(link),
  );

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** What stands between backticks and names a file or folder by its whole path; `<kind>` in one stands for any name. */
const tops = [...new Set(rooms.map((room) => room.split("/")[0]!)), "schemas", "scripts", "test", "docs", "manifests"];
const pathsOf = ({ text }: Page): string[] =>
  Array.from(text.matchAll(/`([\w.<>*/-]+)`/g), ([, name]) => name!).filter((name) =>
    tops.some((top) => name.startsWith(`${top}/`)),
  );

/** A file named without its folder, as the tests are in tables. */
const namesOf = ({ text }: Page): string[] =>
  Array.from(text.matchAll(/`([\w.-]+\.(?:ts|mjs))\b/g), ([, name]) => name!);

const isThere = (path: string): boolean => {
  const pattern = path.replaceAll(/<[^>]*>/g, "*");
  return pattern.includes("*")
    ? globSync(pattern, { cwd: projectRoot }).length > 0
    : existsSync(join(projectRoot, path));
};

describe("the documentation", () => {
  it("links to pages and headings that are there", () => {
    const broken = all.flatMap((page) =>
      linksOf(page).flatMap((link) => {
        const [file = "", anchor] = link.split("#");
        const path = file === "" ? page.path : posix.join(posix.dirname(page.path), file);
        if (!isThere(path)) return [`${page.path}: ${link}`];
        const target = all.find((other) => other.path === path);
        return anchor === undefined || !target || anchorsOf(target.text).includes(anchor)
          ? []
          : [`${page.path}: ${link}`];
      }),
    );
    assert.deepEqual(broken, []);
  });

  it("names files and folders that are there", () => {
    const broken = [...front, ...docs].flatMap((page) =>
      pathsOf(page)
        .filter((path) => !isThere(path))
        .map((path) => `${page.path}: ${path}`),
    );
    assert.deepEqual(broken, []);
  });

  it("names tests and modules that are there, also without their folder", () => {
    const known = new Set(
      globSync(`{${tops.join(",")}}/**/*.{ts,mjs}`, { cwd: projectRoot }).map((file) => basename(file)),
    );
    const broken = [...front, ...docs].flatMap((page) =>
      namesOf(page)
        .filter((name) => !known.has(name))
        .map((name) => `${page.path}: ${name}`),
    );
    assert.deepEqual(broken, []);
  });

  it("is reached from its list, each page of it, and the list from the README", () => {
    const list = docs.find(({ path }) => path === "docs/README.md")!;
    const linked = new Set(linksOf(list).map((link) => posix.join("docs", link.split("#")[0]!)));
    assert.deepEqual(
      docs.filter((page) => page !== list && !linked.has(page.path)).map(({ path }) => path),
      [],
    );
    assert.ok(linksOf(front.find(({ path }) => path === "README.md")!).includes("docs/README.md"));
  });

  it("has a page for each kind, which the list of kinds links to", () => {
    const list = kindPages.find(({ path }) => basename(path) === "README.md")!;
    const linked = new Set(linksOf(list).map((link) => posix.join("docs/kinds", link)));
    assert.deepEqual(
      kindPages.filter((page) => page !== list && !linked.has(page.path)).map(({ path }) => path),
      [],
    );
  });
});

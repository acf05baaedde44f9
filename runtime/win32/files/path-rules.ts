import { windowsNameProblem } from "../../../lib/windows-name.ts";

export type PathForm = "absolute" | "name" | "relative" | "drive-relative" | "root-relative" | "unc" | "device";

/** The ways in which Windows reads a path; https://learn.microsoft.com/windows/win32/fileio/naming-a-file. */
export function formOf(path: string): PathForm {
  const text = path.replaceAll("/", "\\");
  if (/^\\\\[.?]\\/.test(text) || text.startsWith("\\??\\")) return "device";
  if (text.startsWith("\\\\")) return "unc";
  if (/^[a-z]:\\/i.test(text)) return "absolute";
  if (/^[a-z]:/i.test(text)) return "drive-relative";
  if (text.startsWith("\\")) return "root-relative";
  return text.includes("\\") ? "relative" : "name";
}

const FORMS: Readonly<Partial<Record<PathForm, string>>> = {
  relative: "is relative: give an absolute path",
  "drive-relative": "depends on the current directory of a drive: write a backslash after the colon",
  "root-relative": "depends on the current drive: begin with a drive letter",
  unc: "is on the network: reading it would send this machine's credentials there; copy it to a local disk",
  device: "names a device, or goes around the rules for names: give an ordinary path",
};

/** What is wrong with an absolute path, in words that follow "it"; undefined when Windows uses it as it is written. */
export function refusal(path: string): string | undefined {
  const form = FORMS[formOf(path)];
  if (form !== undefined) return form;
  if (formOf(path) === "name") return FORMS.relative;
  for (const part of path.slice(3).split(/[\\/]/)) {
    const problem = windowsNameProblem(part);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A batch file in any spelling: CreateProcessW would give it to cmd.exe, which reads arguments by rules of its own (CVE-2024-27980). */
export function isBatchFile(path: string): boolean {
  const plain = path.replace(/::?\$data$/i, "").replace(/[. ]+$/, "");
  return /\.(bat|cmd)(:|$)/i.test(plain);
}

const LONGEST = 248;

/**
 * Adds the prefix that lifts the limit of 260 characters, where the path needs it. Absolute paths only; Windows reads no `.` or `..` in such paths.
 */
export function extended(path: string): string {
  const text = path.replaceAll("/", "\\");
  return text.length < LONGEST || formOf(text) !== "absolute" ? text : `\\\\?\\${text}`;
}

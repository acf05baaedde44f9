import { closeSync, constants, openSync, readSync } from "node:fs";

/** Why the system did not accept a file as a program: for messages, after it has refused. */
export function interpreterProblem(image: string): string {
  const head = headOf(image);
  const line = head.startsWith("#!") ? (head.slice(2).split("\n")[0] ?? "") : undefined;
  if (line === undefined) return `names an interpreter that does not exist: its dynamic loader`;
  if (line.endsWith("\r")) {
    return `has lines that end as on Windows (CRLF): its "#!" line asks for an interpreter whose name ends in a carriage return; save it with LF, or: sed -i 's/\\r$//' ${image}`;
  }
  return `names an interpreter that does not exist: ${line.trim()}`;
}

export function formatProblem(image: string): string {
  const head = headOf(image);
  if (head.startsWith("\u00ef\u00bb\u00bf")) {
    return 'begins with a byte order mark, so the system does not see its "#!" line: save it as UTF-8 without one';
  }
  if (head.startsWith("\u00ff\u00fe") || head.startsWith("\u00fe\u00ff"))
    return "is a text in UTF-16: save it as UTF-8";
  if (head.startsWith("MZ")) return "is a program for Windows";
  if (head.startsWith("\u007fELF")) return "is a program for another kind of machine";
  return 'is not in a format this machine can run: add a "#!" line to a script, or name its interpreter as the command';
}

/** Byte by byte. */
function headOf(image: string): string {
  const head = Buffer.alloc(256);
  const fd = openSync(image, constants.O_RDONLY | constants.O_NONBLOCK); // nobody may make us wait for it
  try {
    return head.toString("latin1", 0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}

import { isDeviceName, windowsNameProblem } from "../../lib/windows-name.ts";
import { lineError } from "./text.ts";

/**
 * Why `command` cannot name a program to run, or undefined. A program is an absolute path, or a bare name looked up in the system's
 * search path; never a shell line, and never a batch file, which Windows would hand to a shell (CVE-2024-27980 and the like).
 */
export function programError(command: string): string | undefined {
  const error = lineError(command);
  if (error) return error;
  if (isBatchFile(command)) {
    return "is a batch file, not a program: name the interpreter explicitly, as command: cmd.exe with args: [/d, /s, /c, <file>] (cmd.exe /d /s /c)";
  }
  const isPath = /[\\/]/.test(command) || /^[A-Za-z]:/.test(command);
  return isPath ? (absolutePathError(command) ?? windingPathError(command)) : bareNameError(command);
}

/** `C:\run.bat\x\..` is a batch file after all: a program's path has no parts that Windows would fold away. */
function windingPathError(path: string): string | undefined {
  const [, ...parts] = path.split(/[\\/]/);
  return parts.some((part) => withoutTail(part) === "")
    ? "must be a plain path, without empty, . or .. parts"
    : undefined;
}

/** Windows ignores case, quotes, trailing dots and spaces, and takes what follows a colon for a stream of the same file. */
function isBatchFile(command: string): boolean {
  const name = command.slice(Math.max(command.lastIndexOf("\\"), command.lastIndexOf("/")) + 1);
  const file = name.replace(/^[A-Za-z]:/, "").split(":", 1)[0] ?? "";
  return /\.(?:bat|cmd)$/i.test(withoutTail(file.replaceAll('"', "")));
}

function withoutTail(file: string): string {
  let end = file.length;
  while (end > 0 && (file[end - 1] === "." || (file[end - 1] ?? "x").trim() === "")) end--;
  return file.slice(0, end);
}

function bareNameError(name: string): string | undefined {
  if (name.trim() === "" || name === "." || name === "..") return "must be the name of a program, or an absolute path";
  if (isDeviceName(name)) return "is the name of a device on Windows, not of a program";
  return name.includes(":") ? "must not contain ':' (an alternate stream)" : undefined;
}

/** Why `path` is not absolute on the one or the other platform, or undefined: `/opt/app`, `C:\apps\app`. */
export function absolutePathError(path: string): string | undefined {
  const error = lineError(path);
  if (error) return error;
  if (/^[\\/]{2}[?.][\\/]/.test(path)) return "must not be a device path (\\\\?\\ or \\\\.\\)";
  if (/^[\\/]{2}/.test(path)) return "must not be a network path (UNC)";
  if (/^[A-Za-z]:[\\/]/.test(path)) {
    if (path.includes(":", 2)) return "must not contain ':' after the drive (an alternate stream)";
    return firstOf(path.slice(3).split(/[\\/]/), windowsNameProblem);
  }
  if (/^[A-Za-z]:/.test(path)) return "must be absolute, not relative to the current directory of a drive";
  return path.startsWith("/") ? undefined : "must be absolute (/opt/app or C:\\apps\\app)";
}

function firstOf(names: readonly string[], rule: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const problem = rule(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

import koffi from "koffi";

let known: boolean | undefined;

/** Whether this Windows is Wine: only its ntdll.dll has such a function. False on other systems. */
export function isWine(): boolean {
  known ??= isThere("ntdll.dll", "const char *wine_get_version()");
  return known;
}

function isThere(library: string, prototype: string): boolean {
  try {
    koffi.load(library).func(prototype);
    return true;
  } catch {
    return false;
  }
}

/** Reserved with or without an ending, and with any ending; https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])( *\..*| *)$/i;

/** Names that mean a device in every folder. */
export const isDeviceName = (name: string): boolean => RESERVED.test(name);

/** What is wrong with one name in a path, in words that follow "it"; undefined when Windows uses it as it is written. */
export function windowsNameProblem(name: string): string | undefined {
  if (name === "." || name === "..") return undefined;
  if (isDeviceName(name)) return `has a part that is the name of a device: ${name}`;
  if (/[. ]$/.test(name))
    return `has a part that ends in a dot or a blank, which Windows takes away: ${JSON.stringify(name)}`;
  if (name.includes(":")) return `names a stream inside a file: ${name}`;
  const bad = /[\u0000-\u001f<>"|?*]/.exec(name);
  return bad ? `has a character that no file name can have: ${JSON.stringify(bad[0])}` : undefined;
}

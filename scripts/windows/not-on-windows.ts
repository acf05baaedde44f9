/** Tests of platform-neutral files that say something about Linux alone, by their whole name; told of in each run. */
export const notOnWindows: readonly { name: string; reason: string }[] = [
  ...[
    "writes the addon once into a private directory and loads it",
    "replaces what is there when the content differs",
    "does not follow a link that someone put in the file's place",
    "refuses a directory that others can write, and a link to one, and takes the next",
  ].map((name) => ({ name, reason: "rights are mode bits there, and a loaded addon can be deleted" })),
  ...[
    "goes on in an existing file and closes it to others",
    "writes one JSON object a line, in order, readable by the owner only",
    "reports a file without permission and keeps what it made",
  ].map((name) => ({ name, reason: "rights are mode bits there; on Windows they are the folder's access list" })),
  ...[
    "does not write through a link",
    "follows links inside the folder, and none that lead out of it",
    "keeps what came through a link whose target is gone",
    "never through a junction in the place of a folder",
    "is refused through a link that somebody else may turn elsewhere, or that leads below what others may rename",
  ].map((name) => ({ name, reason: "Wine can't make links (docs/needs-real-windows.md)" })),
];

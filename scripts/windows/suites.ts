/** What says nothing about Linux, and the suites of the Windows body: what is run on Windows, and in Wine. */
export const windowsSuites: readonly string[] = [
  "test/lib",
  "test/api",
  "test/store",
  "test/apiserver/encryption",
  "test/machinery",
  "test/controllers",
  "test/git/repository/copy-swap.test.ts",
  "test/git/transport/ssh-command.test.ts",
  "test/runtime/memory",
  "test/runtime/probes",
  "test/runtime/win32",
  "test/win32",
];

/** Where the lane leaves the result of each file (scripts/test/table.ts), as it comes, a line of JSON each; relative to the project. */
export const windowsLines = "build/tests/windows-lane.jsonl";

/**
 * Files and folders that take seconds to a minute each: whole systems, daemons and writers that are killed again and again, faults at every step,
 * properties of thousands of cases. `make test-fast` leaves them out; a run that knows no times of its own begins with them.
 */
export const slowFiles: readonly string[] = [
  "test/e2e",
  "test/win32",
  "test/apiserver/admission/admission-properties.test.ts",
  "test/apiserver/encryption/encrypted-store.test.ts",
  "test/apiserver/encryption/key-rotation.test.ts",
  "test/apiserver/strangers.test.ts",
  "test/runtime/posix/daemon-death.test.ts",
  "test/runtime/posix/first-thread.test.ts",
  "test/runtime/posix/forged-markers.test.ts",
  "test/runtime/posix/remove-tree.test.ts",
  "test/runtime/posix/trees.test.ts",
  "test/scripts/build.test.ts",
  "test/store/sqlite/crash.test.ts",
  "test/store/sqlite/damage.test.ts",
  "test/store/sqlite/full-disk.test.ts",
];

export const isSlow = (file: string): boolean => slowFiles.some((slow) => file === slow || file.startsWith(`${slow}/`));

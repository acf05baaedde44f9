/** Files and folders that `make test-fast` leaves out: they start daemons and systems, kill them again and again, or count to a million. */
export const slowFiles: readonly string[] = ["test/e2e", "test/win32"];

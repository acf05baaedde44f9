/**
 * Code with which a child that root has started becomes another user. To start it as that user would need him to reach this checkout, which may lie in a
 * folder that is closed to him.
 */
export const becomeUser = (id: number): string =>
  `process.setgroups([]); process.setgid(${id}); process.setuid(${id}); `;

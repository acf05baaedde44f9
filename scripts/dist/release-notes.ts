/**
 * The section of one version in a text in the form of Keep a Changelog, without its heading, as the notes of its release. Throws when
 * there is none, or nothing in it.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section ## [${version}]`);
  const notes = section.slice(section.indexOf("\n")).trim();
  if (notes === "") throw new Error(`CHANGELOG.md says nothing in its section ## [${version}]`);
  return `${notes}\n`;
}

/** Throws unless the tag is the one of this version. */
export function checkTag(tag: string, version: string): void {
  if (tag !== `v${version}`)
    throw new Error(`the tag is ${tag}, but package.json says ${version}: it has to be v${version}`);
}

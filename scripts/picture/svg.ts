import { type Cue, cuesOf, type Entry, type Screen } from "./recording.ts";

/** Pixels. A character of the fonts below is 0.6 as wide as it is high; `textLength` makes it so where it is not. */
const FONT = 14;
const WIDE = 8.4;
const HIGH = 19;
const EDGE = 16;
const BAR = 34;

/** How long the end is shown before it begins anew. */
const LAST_MS = 6_000;

/**
 * A recording as an SVG that plays by CSS alone, for ever, light or dark as its reader's system is. Where nothing moves (a reader who wants it
 * so, a program that knows no CSS animations) it shows the end.
 */
export function svgOf(entries: readonly Entry[], screen: Screen, title: string): string {
  const cues = cuesOf(entries, screen);
  const last = cues.at(-1);
  const wholeMs = (last ? last.at + last.typingMs : 0) + LAST_MS;
  const percent = (ms: number): string => `${Number(((ms / wholeMs) * 100).toFixed(2))}%`;

  const keyframes: string[] = [];
  const scrolls: string[] = [];
  const shown: string[] = [];
  let row = 0;
  let top = 0;
  cues.forEach((cue, n) => {
    keyframes.push(`@keyframes c${n}{0%{opacity:0}${percent(cue.at)}{opacity:1}}`);
    shown.push(
      `<g class="${cue.kind}" style="animation-name:c${n}">${cue.lines.map((l, i) => textOf(l, row + i)).join("")}</g>`,
    );
    if (cue.kind === "command") {
      keyframes.push(typing(`t${n}`, cue, percent));
      shown.push(curtain(`t${n}`, cue, row, screen));
    }
    row += cue.lines.length;
    const hidden = Math.max(0, row - screen.rows);
    if (hidden > top) scrolls.push(`${percent(cue.at)}{transform:translateY(${-hidden * HIGH}px)}`);
    top = hidden;
  });

  const width = Math.ceil(screen.columns * WIDE + 2 * EDGE);
  const height = BAR + screen.rows * HIGH + EDGE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>
${look}
.screen{transform:translateY(${-top * HIGH}px)}
.screen,.screen *{animation-duration:${wholeMs}ms;animation-iteration-count:infinite;animation-timing-function:step-end}
.screen{animation-name:scroll}
@keyframes scroll{0%{transform:translateY(0)}${scrolls.join("")}}
${keyframes.join("\n")}
@media (prefers-reduced-motion:reduce){.screen,.screen *{animation:none!important}}
</style>
<rect class="back" width="${width}" height="${height}" rx="8"/>
<circle class="dot" cx="20" cy="17" r="5"/><circle class="dot" cx="38" cy="17" r="5"/><circle class="dot" cx="56" cy="17" r="5"/>
<svg x="${EDGE}" y="${BAR}" width="${width - 2 * EDGE}" height="${screen.rows * HIGH}" overflow="hidden">
<g class="screen">
${shown.join("\n")}
</g>
</svg>
</svg>
`;
}

/** No variables of CSS: programs that show an SVG as it stands often know none. */
const colours = (back: string, text: string, quiet: string, strong: string, dot: string): string =>
  `.back,.curtain rect{fill:${back}}text{fill:${text}}.comment text,.curtain .cursor{fill:${quiet}}.command text{fill:${strong}}.dot{fill:${dot}}`;

const look = `text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.command text{font-weight:600}
.curtain{opacity:0}
${colours("#f6f8fa", "#1f2328", "#59636e", "#0550ae", "#d0d7de")}
@media (prefers-color-scheme:dark){${colours("#161b22", "#d1d7e0", "#9198a1", "#79c0ff", "#3d444d")}}`;

function textOf(line: string, row: number): string {
  if (line.trim() === "") return "";
  const y = row * HIGH + FONT;
  return `<text y="${y}" textLength="${number(line.length * WIDE)}" xml:space="preserve">${escaped(line)}</text>`;
}

/** Hides a command and draws back from it, a character at a time. It has the cursor at its edge. */
function curtain(name: string, { lines }: Cue, row: number, { columns }: Screen): string {
  const y = row * HIGH;
  const wide = number(columns * WIDE);
  const rects = [
    `<rect x="${number(2 * WIDE)}" y="${y}" width="${wide}" height="${lines.length * HIGH}"/>`,
    `<rect class="cursor" x="${number(2 * WIDE)}" y="${y + 2}" width="${WIDE}" height="${HIGH - 4}"/>`,
  ];
  return `<g class="curtain" style="animation-name:${name}">${rects.join("")}</g>`;
}

/** The first two characters are the prompt, which is there at once. */
function typing(name: string, { at, lines, typingMs }: Cue, percent: (ms: number) => string): string {
  const characters = lines.join("").length - 2;
  const away = `transform:translateX(${number(characters * WIDE)}px)`;
  return (
    `@keyframes ${name}{0%{opacity:0;transform:none}` +
    `${percent(at)}{opacity:1;transform:none;animation-timing-function:steps(${characters})}` +
    `${percent(at + typingMs)}{opacity:1;${away}}${percent(at + typingMs + 20)}{opacity:0;${away}}}`
  );
}

const number = (value: number): number => Number(value.toFixed(1));

/** What a terminal would not show either (control characters) is left out: XML has no way to write it. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

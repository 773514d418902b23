// oxlint-disable-next-line import/default -- with `?raw` Vite gives the text of the file
import digitsSource from "demo/digits?raw";
// oxlint-disable-next-line import/default -- the same
import mlpSource from "demo/mlp?raw";
import type { ProgramName } from "./messages.ts";

interface Program {
  /** The demo's file. */
  readonly source: string;
  /** What its accuracy says. */
  readonly note: string;
}

const programs: { readonly [Name in ProgramName]: Program } = {
  mlp: { source: mlpSource, note: "its labels are coin tosses, so 0.5 is right." },
  digits: { source: digitsSource, note: "256 of 1,797 handwritten digits." },
};

/** Shows the lines of the demo's file from the model to its evaluation, with words marked by what they are. */
export function showProgram(name: ProgramName, place: HTMLElement, note: HTMLElement): void {
  const { source, note: about } = programs[name];
  note.textContent = about;
  const [body = ""] = /^ {2}const model = [\s\S]*?^ {2}model\.compile\([\s\S]*?\);$/m.exec(source) ?? [];
  const [training = ""] = /^ {2}const history = [\s\S]*?evaluate\([\s\S]*?;$/m.exec(source) ?? [];
  const text = `${body}\n${training}`.replaceAll(/^ {2}/gm, "");
  place.replaceChildren();
  let at = 0;
  for (const { index, 0: word, groups = {} } of text.matchAll(words)) {
    const kind = Object.keys(groups).find((key) => groups[key] !== undefined) ?? "";
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = word;
    place.append(text.slice(at, index), span);
    at = index + word.length;
  }
  place.append(text.slice(at));
}

const words = /(?<string>"[^"]*")|(?<keyword>\b(?:const|await|new|return)\b)|(?<number>\b\d+(?:\.\d+)?\b)/g;

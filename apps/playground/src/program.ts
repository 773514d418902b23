// oxlint-disable-next-line import/default -- with `?raw` Vite gives the text of the file
import source from "demo/mlp?raw";

/** The lines of the demo's file from the model to its evaluation, with words marked by what they are. */
export function showProgram(place: HTMLElement): void {
  const [body = ""] = /^ {2}const model = [\s\S]*?^ {2}model\.compile.*$/m.exec(source) ?? [];
  const [training = ""] = /^ {2}const history = [\s\S]*?evaluate\([\s\S]*?;$/m.exec(source) ?? [];
  const text = `${body}\n${training}`.replaceAll(/^ {2}/gm, "");
  let at = 0;
  for (const { index, 0: word, groups = {} } of text.matchAll(words)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) ?? "";
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = word;
    place.append(text.slice(at, index), span);
    at = index + word.length;
  }
  place.append(text.slice(at));
}

const words = /(?<string>"[^"]*")|(?<keyword>\b(?:const|await|new|return)\b)|(?<number>\b\d+(?:\.\d+)?\b)/g;

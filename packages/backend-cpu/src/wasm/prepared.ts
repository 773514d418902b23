/** Encoded bodies of functions that were emitted before, as the engine emits them for the choices of that key (`codeKey`). */
export interface Prepared {
  readonly choices: string;
  /**
   * For each body a line of its key, a tab and its bytes in base64, behind a line feed. A text that is searched takes no
   * time as a bundle loads, and 2 us for each body.
   */
  readonly bodies: string;
}

/** What a bundle brings along: `tools/bundle` puts it here (docs/adr/0010). The sources emit all their code. */
export const prepared: Prepared = { choices: "", bodies: "" };

/** The text of `Prepared.bodies`. */
export function preparedText(bodies: ReadonlyMap<string, Uint8Array>): string {
  let text = "";
  for (const [key, body] of bodies) text += `\n${key}\t${btoa(String.fromCharCode(...body))}`;
  return text;
}

/** The body of that key, if it is there. */
export function findPrepared({ bodies }: Prepared, key: string): Uint8Array<ArrayBuffer> | undefined {
  const head = `\n${key}\t`;
  const at = bodies.indexOf(head);
  if (at < 0) return undefined;
  const end = bodies.indexOf("\n", at + 1);
  const characters = atob(bodies.slice(at + head.length, end < 0 ? undefined : end));
  const body = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) body[i] = characters.charCodeAt(i);
  return body;
}

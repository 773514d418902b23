import type { Platform } from "./host.ts";

/** Joins as Python's os.path.join does; nothing is normalised. */
export function joinPath(platform: Platform, directory: string, name: string): string {
  if (directory === "") return name;
  if (directory.endsWith("/")) return directory + name;
  if (platform !== "win32") return `${directory}/${name}`;
  return /[\\:]$/.test(directory) ? directory + name : `${directory}\\${name}`;
}

export function isAbsolutePath(platform: Platform, path: string): boolean {
  return platform === "win32" ? /^(?:[a-zA-Z]:[\\/]|[\\/])/.test(path) : path.startsWith("/");
}

/** The path itself if it is absolute, else as seen from `directory`. */
export function absolutePath(platform: Platform, directory: string, path: string): string {
  return isAbsolutePath(platform, path) ? path : joinPath(platform, directory, path);
}

/** The directory of a path; null for a root. */
export function parentPath(platform: Platform, path: string): string | null {
  const found = (platform === "win32" ? /^(.*)[\\/][^\\/]+[\\/]?$/ : /^(.*)\/[^/]+\/?$/).exec(path);
  if (found === null) return null;
  const parent = found[1] ?? "";
  if (parent === "") return path.slice(0, 1);
  return platform === "win32" && /^[a-zA-Z]:$/.test(parent) ? `${parent}\\` : parent;
}

/** `file:` URL of an absolute path, with `.` and `..` resolved. */
export function fileUrl(platform: Platform, path: string): string {
  const encode = (text: string): string => text.split("/").map(encodeURIComponent).join("/");
  if (platform !== "win32") return new URL(`file://${encode(path)}`).href;
  const slashed = path.replaceAll("\\", "/");
  if (slashed.startsWith("//")) return new URL(`file://${encode(slashed.slice(2))}`).href;
  const drive = /^[a-zA-Z]:/.exec(slashed)?.[0] ?? "";
  return new URL(`file://${drive && `/${drive}`}${encode(slashed.slice(drive.length))}`).href;
}

/** The path of a `file:` URL; null for another URL, or for none: a bundle's modules may lack theirs. */
export function filePath(platform: Platform, url: string | undefined): string | null {
  if (url === undefined || !/^file:/i.test(url) || !URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname);
  if (platform !== "win32") return path;
  const local = hostname === "" ? path.replace(/^\/(?=[a-zA-Z]:)/, "") : `//${hostname}${path}`;
  return local.replaceAll("/", "\\");
}

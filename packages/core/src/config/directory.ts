import type { ConfigHost } from "./host.ts";
import { absolutePath, joinPath } from "./paths.ts";

/** Where keras.json goes when the home directory cannot be written; anybody on the machine can write there. */
export const sharedDirectory = "/tmp/.keras";

/**
 * The directory of keras.json, as an absolute path. KERAS_HOME decides if it exists, empty meaning the working
 * directory; else it is .keras in the home directory, or the shared directory when home is not writable.
 */
export function kerasDirectory(host: ConfigHost): string {
  const chosen = host.env("KERAS_HOME");
  if (chosen !== undefined) return absolutePath(host.platform, host.cwd(), expandHome(host, chosen));
  const home = homeDirectory(host);
  if (home === null || !host.isWritable(home)) return sharedDirectory;
  return joinPath(host.platform, home, ".keras");
}

/** The home directory by the rules of Python's os.path.expanduser; null when nothing names one. */
function homeDirectory(host: ConfigHost): string | null {
  if (host.platform === "win32") {
    const profile = host.env("USERPROFILE");
    if (profile !== undefined) return profile;
    const path = host.env("HOMEPATH");
    return path === undefined ? null : (host.env("HOMEDRIVE") ?? "") + path;
  }
  const home = host.env("HOME") ?? host.userDirectory();
  return home === null ? null : home.replace(/\/+$/, "") || "/";
}

/** Replaces a leading `~` by the home directory. */
export function expandHome(host: ConfigHost, path: string): string {
  const rest = /^~(?:[\\/]|$)(.*)$/s.exec(path)?.[1];
  const home = rest === undefined ? null : homeDirectory(host);
  if (rest === undefined || home === null) return path;
  return rest === "" ? home : joinPath(host.platform, home, rest);
}

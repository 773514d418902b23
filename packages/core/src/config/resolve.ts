import type { ConfigHost } from "./host.ts";
import { fileBackend, loadKerasFile } from "./keras-json.ts";
import { Settings } from "./settings.ts";
import type { Setting } from "./source.ts";
import { addressSource, defaultSource, environmentSource } from "./source.ts";
import { defaults } from "./values.ts";

/**
 * The settings before code changes any: KERAS_BACKEND (in a page `?backend=`), over keras.json, over Keras's
 * defaults. keras.json is read, or written where there is none, before the environment is asked for a backend.
 * Throws ConfigError for a file with bad values.
 */
export function resolveConfig(host: ConfigHost): Settings {
  const file = loadKerasFile(host);
  const backend = environmentBackend(host) ?? fileBackend(file) ?? byDefault(defaults.backend);
  return new Settings(
    {
      backend,
      floatx: file.floatx ?? byDefault(defaults.floatx),
      epsilon: file.epsilon ?? byDefault(defaults.epsilon),
      imageDataFormat: file.imageDataFormat ?? byDefault(defaults.imageDataFormat),
      notice: noticeSetting(host),
      fallback: byDefault("host"),
    },
    file,
  );
}

/** An empty variable counts as none. */
function environmentBackend(host: ConfigHost): Setting<string> | undefined {
  const variable = host.env("KERAS_BACKEND");
  if (variable) return { value: variable, source: environmentSource("KERAS_BACKEND") };
  const query = host.pageBackend();
  return query ? { value: query, source: addressSource(query) } : undefined;
}

/** POLYKERAS_SILENT silences the notice; empty, 0 and false do not. */
function noticeSetting(host: ConfigHost): Setting<boolean> {
  const silent = host.env("POLYKERAS_SILENT");
  if (silent === undefined || ["", "0", "false"].includes(silent)) return byDefault(true);
  return { value: false, source: environmentSource("POLYKERAS_SILENT") };
}

function byDefault<T>(value: T): Setting<T> {
  return { value, source: defaultSource };
}

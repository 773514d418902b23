import type { Backend, MaybePromise } from "../backend/contract.ts";
import {
  type BackendRequest,
  type ConfigHost,
  type ConfigureOptions,
  type Explanation,
  type LoadedBackend,
  BackendNotFoundError,
  type Settings,
  codeSource,
  detectHost,
  explainConfig,
  fallbackRequest,
  loadBackendModule,
  loadBackendObject,
  orStandIn,
  prepareHost,
  printNotice,
  resolveBackendName,
  resolveConfig,
} from "../config/index.ts";
import { forgetPlans } from "./blueprint.ts";
import { forgetPrograms } from "./cache.ts";
import { label } from "./label.ts";
import { type LeftStep, describeHostSteps, listHostSteps } from "./report.ts";

/** The process's choice of engine and settings. One per copy of core. */
interface Session {
  readonly host: ConfigHost;
  readonly settings: Settings;
  active: MaybePromise<LoadedBackend> | null;
  hosts: Promise<readonly Backend[]> | null;
}

let session: Session | null = null;

function current(): Session {
  if (!session) {
    const host = detectHost();
    session = { host, settings: resolveConfig(host), active: null, hosts: null };
  }
  return session;
}

/** floatx, epsilon, image data format, notice and fallback policy, each with its source. */
export function settings(): Settings {
  return current().settings;
}

/** The backend in force, loaded at the first use; a notice names it once. */
export function activeBackend(): MaybePromise<Backend> {
  const { active } = current();
  if (active !== null && !(active instanceof Promise)) return active.backend;
  return Promise.resolve(active ?? load()).then(({ backend }) => backend);
}

function load(): Promise<LoadedBackend> {
  const of = current();
  const loading = prepareHost()
    .then(() => loadBackendModule(resolveBackendName(of.settings, of.host), of.host))
    .then((loaded) => orStandIn(loaded, of.host))
    .then(
      (loaded) => {
        if (of.active === loading) activate(of, loaded);
        return loaded;
      },
      (error: unknown) => {
        if (of.active === loading) of.active = null;
        throw error;
      },
    );
  of.active = loading;
  return loading;
}

function activate(of: Session, loaded: LoadedBackend): void {
  of.active = loaded;
  label(loaded.backend, loaded.request.configuredName);
  printNotice(loaded.notice, of.settings, of.host);
  for (const listen of listeners) listen(loaded.extras);
}

const listeners: ((extras: Readonly<Record<string, unknown>>) => void)[] = [];

/** Calls `listen` with the extra exports of each backend that comes into force. */
export function onBackend(listen: (extras: Readonly<Record<string, unknown>>) => void): void {
  listeners.push(listen);
}

/**
 * Chooses the engine from now on: a name (`"cpu"`, `"tfjs:wasm"`, an npm package, a file path) or a backend
 * module or object. Variables move there when they are used next, so that training goes on. On an error the
 * engine in force stays. Throws BackendNotFoundError, BackendLoadError, InvalidBackendError.
 */
export async function useBackend(
  target: string | object,
  options: { readonly name?: string; readonly variant?: string } = {},
): Promise<void> {
  const of = current();
  await prepareHost();
  const found = await (typeof target === "string"
    ? loadBackendModule(requestFor(target, of.host), of.host)
    : loadBackendObject(target, codeSource("useBackend(...)"), options));
  const loaded = await orStandIn(found, of.host);
  of.settings.setBackend(loaded.request.configuredName, loaded.request.source);
  activate(of, loaded);
}

function requestFor(name: string, host: ConfigHost, askedBy?: string): BackendRequest {
  const source = codeSource(askedBy ?? `useBackend(${JSON.stringify(name)})`);
  return resolveBackendName({ backend: { value: name, source } }, host);
}

/** A backend by name or as a module, without making it the one in force. `askedBy` stands in errors. */
export async function openBackend(target: string | object, askedBy = "openBackend(...)"): Promise<Backend> {
  const { host, settings: of } = current();
  await prepareHost();
  const found = await (typeof target === "string"
    ? loadBackendModule(requestFor(target, host, askedBy), host)
    : loadBackendObject(target, codeSource(askedBy)));
  const loaded = await orStandIn(found, host);
  if (loaded !== found) printNotice(loaded.notice, of, host);
  return loaded.backend;
}

/** Changes settings, all or none; a backend named here is loaded at the next use. Throws ConfigError. */
export function configure(options: ConfigureOptions): void {
  const of = current();
  of.settings.configure(options);
  if (options.backend !== undefined) of.active = null;
}

/** The configured name of the backend: what `K.backend()` returns. */
export function backendName(): string {
  return current().settings.backend.value;
}

/** Engines that may take over single ops: cpu and reference, as far as they are installed. */
export function hostEngines(): Promise<readonly Backend[]> {
  const of = current();
  of.hosts ??= openHosts(of);
  return of.hosts;
}

async function openHosts(of: Session): Promise<readonly Backend[]> {
  const opened: Backend[] = [];
  for (const name of ["cpu", "reference"] as const) {
    try {
      const request = fallbackRequest(of.settings.backend, "ops need a host engine", of.host, [name]);
      const { backend } = await loadBackendModule(request, of.host);
      if (((await backend.available?.()) ?? true) === true) opened.push(backend);
    } catch (error) {
      if (!(error instanceof BackendNotFoundError)) throw error;
    }
  }
  return opened;
}

/** Which backend is in force and why, every setting's source, what is installed, and which ops run elsewhere. */
export function explain(): Explanation & { readonly hostSteps: readonly LeftStep[] } {
  const of = current();
  const loaded = of.active instanceof Promise ? null : of.active;
  const request = loaded?.request ?? resolveBackendName(of.settings, of.host);
  return { ...explainConfig(of.settings, request, of.host, describeHostSteps()), hostSteps: listHostSteps() };
}

/** Prints a line to stderr once, unless notices are off. */
export function notify(line: string): void {
  const of = current();
  printNotice(line, of.settings, of.host);
}

/** Forgets compiled programs of the backend in force: what `K.clearSession` does to the engine. */
export function clearPrograms(): void {
  const { active } = current();
  if (!active || active instanceof Promise) return;
  forgetPlans(active.backend);
  forgetPrograms(active.backend);
}

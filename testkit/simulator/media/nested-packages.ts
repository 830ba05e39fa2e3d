// For Yarn Plug'n'Play, which finds what a package declares and nothing else.
import Module from 'node:module';
import { join } from 'node:path';

/** The package that the embedded server's DTLS brings: it carries undeclared packages in a folder of its own. */
const owner = /^.*[\\/]@shinyoshiaki[\\/]binary-data[\\/]src[\\/]/;
const nested = /^(internal|lib|types)\//;

interface Loader {
  _resolveFilename(
    request: string,
    parent: { readonly filename: string | null } | undefined,
    ...rest: unknown[]
  ): string;
}

/** Lets these packages be found. Does nothing where Node finds them itself. Call it before they are loaded. */
export function allowNestedPackages(): void {
  if (process.versions.pnp === undefined) return;
  const loader = Module as unknown as Loader;
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    const [folder] = (nested.test(request) && parent?.filename?.match(owner)) || [];
    const found = folder === undefined ? request : join(folder, 'node_modules', `${request}.js`);
    return resolve.call(Module, found, parent, ...rest);
  };
}

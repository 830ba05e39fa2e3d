/** What decides whether there is a native library to load. */
export interface Host {
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly arch: string;
  /** A Linux whose C library is not glibc (Alpine, say). */
  readonly isMusl: boolean;
}

export function currentHost(): Host {
  const { platform, arch } = process;
  return { platform, arch, isMusl: platform === 'linux' && glibcVersion() === undefined };
}

function glibcVersion(): unknown {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: unknown } } | undefined;
  return report?.header?.glibcVersionRuntime;
}

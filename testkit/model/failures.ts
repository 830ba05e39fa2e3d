/** What jobs threw: rxjs reports it asynchronously, so it is kept, and thrown where it can be caught. */
export interface Failures {
  readonly all: readonly unknown[];
  guarded<A extends readonly unknown[]>(job: (...args: A) => void): (...args: A) => void;
}

export function createFailures(): Failures {
  const all: unknown[] = [];
  return {
    all,
    guarded:
      (job) =>
      (...args) => {
        try {
          job(...args);
        } catch (error) {
          all.push(error);
        }
      },
  };
}

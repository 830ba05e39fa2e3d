import { ReplaySubject } from 'rxjs';

/** As a BehaviorSubject, but for whoever comes after completion: it replays its last value to them, too. */
export class StateSubject<T> extends ReplaySubject<T> {
  #value: T;

  constructor(value: T) {
    super(1);
    this.#value = value;
    super.next(value);
  }

  get value(): T {
    return this.#value;
  }

  override next(value: T): void {
    this.#value = value;
    super.next(value);
  }
}

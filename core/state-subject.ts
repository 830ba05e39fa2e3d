import { ReplaySubject } from 'rxjs';

/** As a BehaviorSubject, but it also replays its last value to those who subscribe after completion. */
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

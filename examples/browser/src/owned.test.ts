import { describe, expect, it, jest } from '@jest/globals';
import { owned } from './owned.js';

describe('owned()', () => {
  it('opens on subscribing, and closes on unsubscribing', async () => {
    const close = jest.fn();
    const opening = Promise.resolve('camera');
    const open = jest.fn(() => opening);
    const camera$ = owned(open, close);
    expect(open).not.toHaveBeenCalled();
    const seen: string[] = [];
    const subscription = camera$.subscribe((camera) => seen.push(camera));
    await opening;
    expect([seen, close.mock.calls]).toEqual([['camera'], []]);
    subscription.unsubscribe();
    await opening;
    expect(close).toHaveBeenCalledWith('camera');
  });

  it('closes what opens only after it was unsubscribed from, unseen', async () => {
    const close = jest.fn();
    let arrive: (camera: string) => void = () => undefined;
    const opening = new Promise<string>((resolve) => {
      arrive = resolve;
    });
    const seen: string[] = [];
    const subscription = owned(() => opening, close).subscribe((camera) => seen.push(camera));
    subscription.unsubscribe();
    arrive('camera');
    await opening;
    expect([seen, close.mock.calls]).toEqual([[], [['camera']]]);
  });

  it('reports why it did not open, and closes nothing', async () => {
    const close = jest.fn();
    const failure = new Error('denied');
    const error = await new Promise((resolve) => {
      owned(() => Promise.reject(failure), close).subscribe({ error: resolve });
    });
    expect([error, close.mock.calls]).toEqual([failure, []]);
  });
});

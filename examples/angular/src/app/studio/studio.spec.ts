import { provideZonelessChangeDetection } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { advance, assertComplete, DecartTesting, provideDecartTesting, scenario } from 'decart-rx/angular/testing';
import { Studio } from './studio';

type Script = ReturnType<typeof scenario>;

/** The page before anything is clicked. */
async function open(script: Script) {
  TestBed.configureTestingModule({
    providers: [provideZonelessChangeDetection(), provideRouter([]), provideDecartTesting(script)],
  });
  const page: HTMLElement = TestBed.createComponent(Studio).nativeElement;
  await advance();
  const button = (name: string): void => {
    [...page.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === name)?.click();
  };
  const type = (text: string): void => {
    const input = page.querySelector<HTMLInputElement>('.prompt input');
    if (input === null) throw new Error('There is no prompt.');
    input.value = text;
    input.dispatchEvent(new Event('input'));
  };
  return { page, button, type };
}

describe('the studio', () => {
  it('connects with its prompt, and shows what comes back', async () => {
    const { page, button } = await open(
      scenario().expectJoin().roomInfo().expectPrompt('Watercolor at dawn').ack().serve(),
    );
    expect(page.textContent).toContain('Nothing comes back yet.');
    button('Connect');
    await advance();
    expect(page.querySelector('.badge')?.textContent).toBe('generating');
    expect(page.textContent).toContain('In force.');
    const room = TestBed.inject(DecartTesting).network.rooms[0];
    expect(room?.stream?.attachedTo.has(page.querySelector('.out video') ?? {})).toBe(true);
    assertComplete();
  });

  it('sends what was typed last, once', async () => {
    const script = scenario().expectJoin().roomInfo().expectPrompt().ack().expectPrompt('Pencil sketch').ack().serve();
    const { page, button, type } = await open(script);
    button('Connect');
    await advance();
    type('Pen');
    await advance(100);
    type('Pencil sketch');
    await advance(100);
    expect(page.textContent).toContain('On its way');
    await advance(300);
    expect(page.textContent).toContain('In force.');
    assertComplete();
  });

  it('says what went wrong, and tries again', async () => {
    const { page, button } = await open(scenario().refuseJoins(6, 'No capacity').serve());
    button('Connect');
    await advance(60_000);
    expect(page.querySelector('[role=alert]')?.textContent).toContain('No capacity');
    button('Try again');
    await advance(60_000);
    expect(page.querySelector('.badge')?.textContent).toBe('generating');
    expect(page.querySelector('[role=alert]')).toBeNull();
  });

  it('ends the session when asked to', async () => {
    const { page, button } = await open(scenario().serve());
    button('Connect');
    await advance();
    button('Disconnect');
    await advance();
    expect(page.querySelector('.badge')?.textContent).toBe('disconnected');
    expect(TestBed.inject(DecartTesting).network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
  });
});

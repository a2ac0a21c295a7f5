// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Composer } from '../../src/composer/composer';
import { createEnterChoice, enterChoice } from '../../src/composer/enter-choice';
import { EnterSwitch } from '../../src/composer/enter-switch';
import { CONVERSATION, completeDom, type Stage, setStage } from '../stage';
import { memoryStorage } from '../storage';

let stage: Stage;
beforeEach(() => {
  completeDom();
  stage = setStage();
});
afterEach(() => act(() => enterChoice.change(true)));

const page = (
  <>
    <EnterSwitch />
    <Composer conversationId={CONVERSATION} username="ben" />
  </>
);
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to ben' });
/** What is left in the field after Enter. */
const enter = () => {
  fireEvent.change(field(), { target: { value: 'Hello' } });
  fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 });
  return field().value;
};

describe('what Enter does', () => {
  it('is a newline on a touch screen until something is chosen', () => {
    vi.stubGlobal('matchMedia', (query: string) => ({ matches: query === '(pointer: coarse)' }));
    stage.show(page);
    expect(screen.getByRole<HTMLInputElement>('switch', { name: 'Enter sends' }).checked).toBe(false);
    expect([enter(), field().getAttribute('enterkeyhint')]).toEqual(['Hello', 'enter']);
    fireEvent.click(screen.getByRole('switch', { name: 'Enter sends' }));
    expect([enter(), field().getAttribute('enterkeyhint')]).toEqual(['', 'send']);
  });

  it('changes at once in a field that is open', () => {
    stage.show(page);
    expect(enter()).toBe('');
    fireEvent.click(screen.getByRole('switch', { name: 'Enter sends' }));
    expect(enter()).toBe('Hello');
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13, ctrlKey: true });
    expect(field().value).toBe('');
  });

  it('is remembered by the device', () => {
    const storage = memoryStorage();
    expect(createEnterChoice(() => storage).get()).toBeNull();
    createEnterChoice(() => storage).change(false);
    expect(createEnterChoice(() => storage).get()).toBe(false);
  });

  it('holds as long as the page where the storage is closed', () => {
    const choice = createEnterChoice(() => {
      throw new DOMException('Closed', 'SecurityError');
    });
    expect(choice.get()).toBeNull();
    choice.change(false);
    expect(choice.get()).toBe(false);
  });
});

import '../browser';

import { expect, it } from 'vitest';
import { LocaleProvider, useLocale } from '../../src/i18n/locale';
import { ENGLISH } from '../in-english';
import { render, screen } from '../testing';

function Language() {
  return <p>{useLocale().code}</p>;
}

it('goes over to the language that was wanted once its words are there', async () => {
  render(
    <LocaleProvider code="th" initial={ENGLISH}>
      <Language />
    </LocaleProvider>,
  );
  expect(screen.getByText('en')).toBeTruthy();
  await screen.findByText('th');
});

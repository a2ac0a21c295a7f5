import { expect, test } from 'vitest';
import { SignIn } from '../../src/session/sign-in';
import { fireEvent, render, screen, waitFor } from '../testing';
import { arrive } from './house';

function atTheDoor() {
  const arrival = arrive();
  render(<SignIn why={null} signIn={arrival.keeper.signIn} signUp={arrival.keeper.signUp} />);
  return arrival;
}
const write = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

test('an empty form asks for what is missing, and asks no server', () => {
  const { house } = atTheDoor();
  house.isAway = true;
  press('Sign in');
  expect(screen.getByLabelText('Username')).toHaveProperty('ariaInvalid', 'true');
  expect(screen.getByText('Enter your password.')).toBeTruthy();
});

test('a wrong password does not say which of both is wrong', async () => {
  atTheDoor();
  write('Username', 'ann');
  write('Password', 'nonsense');
  press('Sign in');
  await waitFor(() => expect(screen.getByRole('alert').textContent).toBe('Username and password do not fit together.'));
});

test('a taken name is said beside the name, which is kept', async () => {
  atTheDoor();
  press('Create account');
  write('Username', 'ann');
  write('Password', 'long enough');
  press('Create account');
  await screen.findByText('This username is taken. Choose another one.');
  expect(screen.getByLabelText('Username')).toHaveProperty('value', 'ann');
});

test('a name that the server would not take is refused before it is asked', () => {
  atTheDoor();
  press('Create account');
  write('Username', 'a b');
  write('Password', 'short');
  press('Create account');
  expect(screen.getByText('A username has 3 to 32 letters, digits, or . _ -')).toBeTruthy();
  expect(screen.getByText('A password has at least 8 characters.')).toBeTruthy();
});

test('who signs in is in', async () => {
  const { keeper } = atTheDoor();
  await keeper.start();
  write('Username', ' ann ');
  write('Password', 'curtain call');
  press('Sign in');
  await waitFor(() => expect(keeper.gate.get().phase).toBe('signed_in'));
});

test('a password can be looked at, and hides again', () => {
  atTheDoor();
  expect(screen.getByLabelText('Password')).toHaveProperty('type', 'password');
  press('Show password');
  expect(screen.getByLabelText('Password')).toHaveProperty('type', 'text');
  press('Hide password');
  expect(screen.getByLabelText('Password')).toHaveProperty('type', 'password');
});

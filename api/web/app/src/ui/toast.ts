import { notifications } from '@mantine/notifications';
import { problemText } from '../i18n/problem';

const said = new Map<string, string>();

// What is said again takes the place of what was said, so that nothing piles up over the page.
function say(message: string, color: string, autoClose: number): void {
  const before = said.get(message);
  if (before) notifications.hide(before);
  said.set(message, notifications.show({ message, color, autoClose, onClose: ({ id }) => {
    if (said.get(message) === id) said.delete(message);
  } }));
}

export function toastOK(message: string): void {
  say(message, 'tide', 4000);
}

export function toastText(message: string): void {
  say(message, 'red', 8000);
}

export function toastProblem(error: unknown): void {
  toastText(problemText(error));
}

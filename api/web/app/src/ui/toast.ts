import { notifications } from '@mantine/notifications';
import { problemText } from '../i18n/problem';

export function toastOK(message: string): void {
  notifications.show({ message, color: 'tide', autoClose: 4000 });
}

export function toastText(message: string): void {
  notifications.show({ message, color: 'red', autoClose: 8000 });
}

export function toastProblem(error: unknown): void {
  toastText(problemText(error));
}

import { useCallback, useState } from 'react';
import { commandText } from '../../i18n/problem';
import { useStream } from '../../stream/context';
import type { Ack } from '../../stream/outbox';
import { toastText } from '../../ui/toast';

/** Gives commands to the server; busy names the one under way, refusals are told. */
export function useCommand() {
  const stream = useStream();
  const [busy, setBusy] = useState('');
  const run = useCallback(
    async (name: string, data: unknown = {}): Promise<Ack> => {
      setBusy(name);
      const ack = await stream.command(name, data);
      setBusy((b) => (b === name ? '' : b));
      if (!ack.ok) toastText(commandText(ack.error));
      return ack;
    },
    [stream],
  );
  return { run, busy };
}

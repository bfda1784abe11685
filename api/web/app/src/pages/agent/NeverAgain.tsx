import { Button, Kbd } from '@mantine/core';
import { IconPhoneOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Pop } from '../../api/types';
import { phoneText } from '../../lib/format';
import { useConnection } from '../../stream/context';
import { toastOK } from '../../ui/toast';
import { useCommand } from './command';
import { keyText, useActions, useKeymap } from './keymap';

/** Puts the callee's number on the do-not-call list by one key, also in the middle of the talk. onDone: choose the result. */
export function NeverAgain({ pop, onDone }: { pop: Pop; onDone: () => void }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const online = useConnection() === 'open';
  const map = useKeymap();
  const [done, setDone] = useState(false);
  const add = async () => {
    const ack = await run('dnc', { attempt_id: pop.attempt_id });
    if (!ack.ok) return;
    setDone(true);
    toastOK(t('dnc.done', { phone: phoneText(pop.contact.phone) }));
    onDone();
  };
  const open = online && !done && busy === '';
  useActions({ never: open ? () => void add() : undefined });
  return (
    <Button size="compact-sm" variant="default" fullWidth leftSection={<IconPhoneOff size={15} />} rightSection={!done && <Kbd size="xs">{keyText(map.never)}</Kbd>} disabled={!online || done} loading={busy !== ''}
      onClick={() => void add()} data-testid="never-again" data-done={done}>
      {t(done ? 'contact.blocked' : 'desk.result.neverAgain')}
    </Button>
  );
}

import { ActionIcon, Button, Group, Kbd, Modal, Switch, Table, Text } from '@mantine/core';
import { IconKeyboard } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSingleKeys } from '../../lib/keys';
import { ACTIONS, keyName, keyText, remap, resetKeys, useActions, useKeymap, type Action } from './keymap';
import css from './desk.module.css';

/** The cheat sheet of keys; each can be given another one. */
export function KeysDialog() {
  const { t } = useTranslation();
  const map = useKeymap();
  const [single, setSingle] = useSingleKeys();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState<Action | null>(null);
  const [taken, setTaken] = useState('');
  useActions({ help: () => setOpen(true) });
  useEffect(() => {
    if (!asking) return;
    const down = (e: KeyboardEvent) => {
      if (['Shift', 'Control', 'Alt', 'Meta'].includes(e.key)) return;
      e.preventDefault();
      e.stopPropagation();
      if (e.key !== 'Escape') {
        const key = keyName(e);
        setTaken(remap(asking, key) ? '' : keyText(key));
      }
      setAsking(null);
    };
    window.addEventListener('keydown', down, true);
    return () => window.removeEventListener('keydown', down, true);
  }, [asking]);
  const fixed: [string, string][] = [['1–9', t('desk.keys.digits')], ['A–H', t('desk.keys.option')], ['Enter', t('desk.keys.script')]];
  const names: Record<Action, string> = {
    ready: t('desk.keys.ready'), pause: t('desk.keys.notReady'), hangup: t('desk.keys.hangup'), hold: t('desk.talk.hold'), mute: t('desk.talk.mute'), transfer: t('desk.talk.transfer'),
    keypad: t('desk.talk.keypad'), park: t('desk.talk.park'), record: t('tape.desk.pause'), more: t('desk.wrapUp.more'), dial: t('desk.dial.number'), accept: t('desk.preview.call'), skip: t('desk.preview.skip'),
    back: t('desk.script.back'), objections: t('desk.script.objections'), note: t('desk.keys.note'), never: t('desk.result.neverAgain'), save: t('desk.keys.save'), help: t('desk.keys.help'), assist: t('help.ask'), messages: t('help.messages'),
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('desk.keys.help')} title={`${t('desk.keys.help')} (${keyText(map.help)})`}
        onClick={() => setOpen(true)} data-testid="keys-help">
        <IconKeyboard size={19} stroke={1.6} />
      </ActionIcon>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('desk.keys.title')} closeButtonProps={{ 'aria-label': t('desk.transfer.close') }} closeOnEscape={!asking}>
        <Switch size="sm" mb="xs" label={t('desk.keys.single')} description={t('desk.keys.singleHint')} checked={single} onChange={(e) => setSingle(e.currentTarget.checked)} data-testid="keys-single" />
        <Table className={css.keysTable} withRowBorders={false} verticalSpacing={2} data-testid="keys">
          <Table.Tbody>
            {fixed.map(([key, what]) => <Table.Tr key={key}><Table.Td>{what}</Table.Td><Table.Td><Kbd size="xs">{key}</Kbd></Table.Td><Table.Td /></Table.Tr>)}
            {ACTIONS.map((a) => (
              <Table.Tr key={a}>
                <Table.Td>{names[a]}</Table.Td>
                <Table.Td><Kbd size="xs">{asking === a ? '…' : keyText(map[a])}</Kbd></Table.Td>
                <Table.Td>
                  <Button size="compact-xs" variant="subtle" onClick={() => setAsking(a)} aria-label={t('desk.keys.changeOf', { name: names[a] })} data-testid={`key-${a}`}>
                    {asking === a ? t('desk.keys.press') : t('desk.keys.change')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group justify="space-between" mt="xs">
          <Text size="sm" c="red" role="alert">{taken && t('desk.keys.taken', { key: taken })}</Text>
          <Button size="compact-sm" variant="default" onClick={() => { resetKeys(); setTaken(''); }} data-testid="keys-reset">{t('desk.keys.reset')}</Button>
        </Group>
      </Modal>
    </>
  );
}

import { ActionIcon, Button, Group, Indicator, Modal, Stack, Text, Textarea, Tooltip } from '@mantine/core';
import { IconLifebuoy, IconMessage2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { HELP_MOST, unread, useAskHelp, useWithdrawHelp, type Message, type OwnHelp } from '../../api/help';
import type { Screen } from '../../api/types';
import { clock } from '../../lib/clock';
import { useItem } from '../../stream/context';
import { toastProblem } from '../../ui/toast';
import { Timer } from '../../ui/ui';
import css from './help.module.css';
import { keyText, useActions, useKeymap } from './keymap';
import { MessagesDrawer } from './Messages';

const topicOf = (screen: Screen) => 'agent:' + screen.agent.id;
export const useOwnHelp = (screen: Screen) => useItem<OwnHelp>(topicOf(screen), 'help');
const noMessages: Message[] = [];
export const useOwnMessages = (screen: Screen) => useItem<Message[]>(topicOf(screen), 'messages') ?? noMessages;

function AskDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const ask = useAskHelp();
  const [text, setText] = useState('');
  const send = () => ask.mutate(text.trim(), { onSuccess: onClose, onError: toastProblem });
  return (
    <Modal opened onClose={onClose} title={t('help.askTitle')} size="sm" closeButtonProps={{ 'aria-label': t('desk.transfer.close') }}>
      <form onSubmit={(e) => { e.preventDefault(); send(); }}>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">{t('help.askHint')}</Text>
          <Textarea label={t('help.what')} data-autofocus maxLength={HELP_MOST} minRows={2} maxRows={5} autosize value={text} onChange={(e) => setText(e.currentTarget.value)}
            onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.nativeEvent.isComposing) { e.preventDefault(); send(); } }} data-testid="help-text" />
          <Group justify="flex-end"><Button type="submit" loading={ask.isPending} data-testid="help-send">{t('help.send')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Two buttons of the bar: help, and messages with the number of unread ones. */
export function HelpTools({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const map = useKeymap();
  const help = useOwnHelp(screen);
  const messages = useOwnMessages(screen);
  const [asking, setAsking] = useState(false);
  const [reading, setReading] = useState(false);
  const count = unread(messages, screen.agent.id, clock.now()).length;
  useActions({ assist: help ? undefined : () => setAsking(true), messages: () => setReading(true) });
  return (
    <>
      <Tooltip label={`${t(help ? 'help.asked' : 'help.ask')} (${keyText(map.assist)})`}>
        <ActionIcon variant={help ? 'filled' : 'default'} size={36} disabled={!!help} onClick={() => setAsking(true)} aria-label={t('help.ask')} data-testid="help-ask">
          <IconLifebuoy size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={`${t('help.messages')} (${keyText(map.messages)})`}>
        <Indicator label={count} disabled={count === 0} size={16} offset={4} zIndex={1}>
          <ActionIcon variant="default" size={36} onClick={() => setReading(true)} aria-label={count ? t('help.unread', { count }) : t('help.messages')} data-testid="messages-open" data-unread={count}>
            <IconMessage2 size={18} stroke={1.7} />
          </ActionIcon>
        </Indicator>
      </Tooltip>
      {asking && <AskDialog onClose={() => setAsking(false)} />}
      {reading && <MessagesDrawer screen={screen} messages={messages} onClose={() => setReading(false)} />}
    </>
  );
}

/** The agent's own request: how far it is, and who comes. */
export function HelpStrip({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const help = useOwnHelp(screen);
  const withdraw = useWithdrawHelp();
  if (!help) return null;
  const place = help.taken_by ? t('help.comes', { name: help.taken_by }) : help.position === 1 ? t('help.next') : t('help.position', { n: help.position, count: help.waiting });
  return (
    <div className={css.strip} data-kind={help.taken_by ? 'comes' : 'waits'} data-testid="own-help">
      <IconLifebuoy size={18} stroke={1.7} aria-hidden />
      <span className="truncate" role="status"><b>{t('help.asked')}</b> · {place}</span>
      <Timer at={help.asked_at} />
      <Button size="compact-xs" variant="light" loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined, { onError: toastProblem })} data-testid="help-withdraw">{t('help.withdraw')}</Button>
    </div>
  );
}

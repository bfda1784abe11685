import { Button, Kbd, Popover, SimpleGrid, TextInput } from '@mantine/core';
import {
  IconArrowsSplit2, IconDialpad, IconMicrophone, IconMicrophoneOff, IconParking, IconPhoneX, IconPlayerPause, IconPlayerPlay,
  IconTransfer, IconUserCheck, IconUsers,
} from '@tabler/icons-react';
import { useState, type ComponentProps, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/desk';
import { useConnection } from '../../stream/context';
import { Timer } from '../../ui/ui';
import { useCommand } from './command';
import css from './desk.module.css';
import { keyText, useActions, useKeymap, type Action } from './keymap';
import { RecordTool } from './RecordTool';
import { able, threeWay } from './talk';
import { TransferDialog } from './TransferDialog';

interface ToolProps extends Omit<ComponentProps<'button'>, 'color'> {
  icon: ReactNode;
  label: string;
  action?: Action;
  on?: boolean;
  busy?: boolean;
  light?: boolean;
  color?: string;
  testid: string;
}

function Tool({ icon, label, action, on, busy, light, color, testid, className, ...rest }: ToolProps) {
  const map = useKeymap();
  const key = action && keyText(map[action]);
  return (
    <Button {...rest} size="compact-md" variant={on ? 'filled' : light || color ? 'light' : 'default'} color={color} leftSection={icon} loading={busy}
      title={key ? `${label} (${key})` : label} aria-pressed={on} aria-keyshortcuts={key} data-testid={testid} className={`${css.tool} ${className ?? ''}`}>
      <span className={css.toolName}>{label}</span>
      {key && <Kbd size="xs" className={css.toolKey} aria-hidden>{key}</Kbd>}
    </Button>
  );
}

const DIGITS = '123456789*0#'.split('');

function Keypad({ attempt, opened, onChange }: { attempt: string; opened: boolean; onChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  const { run } = useCommand();
  const [typed, setTyped] = useState('');
  const send = (digits: string) => {
    const clean = digits.replace(/[^0-9*#]/g, '');
    if (!clean) return;
    setTyped((was) => (was + clean).slice(-32));
    void run('dtmf', { attempt_id: attempt, digits: clean });
  };
  return (
    <Popover opened={opened} onChange={onChange} position="bottom" withArrow trapFocus>
      <Popover.Target>
        <Tool icon={<IconDialpad size={17} />} label={t('desk.talk.keypad')} action="keypad" testid="talk-keypad" on={opened} onClick={() => onChange(!opened)} />
      </Popover.Target>
      <Popover.Dropdown p="xs" w={190}>
        <TextInput size="xs" aria-label={t('desk.talk.digits')} value={typed} readOnly mb={8} data-autofocus data-testid="dtmf-typed"
          onKeyDown={(e) => /^[0-9*#]$/.test(e.key) && send(e.key)} />
        <SimpleGrid cols={3} spacing={6}>
          {DIGITS.map((d) => <Button key={d} variant="default" size="sm" onClick={() => send(d)} data-testid={`dtmf-${d}`}>{d}</Button>)}
        </SimpleGrid>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What the call is in beyond a plain talk, in words. */
function Standing({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const call = screen.call;
  if (!call) return null;
  const parts: ReactNode[] = [];
  if (call.role === 'consulted') parts.push(t('desk.talk.consulted'));
  if (call.parked) parts.push(t('desk.talk.parked'));
  else if (call.held && !call.consult) parts.push(t('desk.talk.held'));
  if (call.muted) parts.push(t('desk.talk.muted'));
  if (call.consult) {
    const how = threeWay(call) ? 'three' : call.consult.status;
    parts.push(t(`desk.talk.with.${how}`, { name: call.consult.label }));
  }
  if (!parts.length) return null;
  return (
    <span className={css.standing} role="status" data-testid="talk-standing" data-held={call.held} data-parked={call.parked} data-muted={call.muted}
      data-consult={call.consult?.status ?? ''} data-three={threeWay(call)}>
      {parts.map((p, i) => <span key={i}>{p}</span>)}
      {call.music_until && <span>{t('desk.talk.back')} <Timer at={call.music_until} down /></span>}
    </span>
  );
}

/** What an agent can do in a talk besides talking. */
export function TalkBar({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const online = useConnection() === 'open';
  const [transfer, setTransfer] = useState(false);
  const [keypad, setKeypad] = useState(false);
  const call = screen.call;
  const can = able(screen);
  const id = call?.attempt_id ?? '';
  const give = (name: string, data: object = {}) => () => void run(name, { attempt_id: id, ...data });
  const hold = give('hold', { on: !call?.held });
  const mute = give('mute', { on: !call?.muted });
  useActions({
    hold: online && can.hold ? hold : undefined, mute: online && can.mute ? mute : undefined, transfer: online && can.transfer ? () => setTransfer(true) : undefined,
    keypad: online && can.keypad ? () => setKeypad(true) : undefined, park: online && (can.park || can.retrieve) ? give(can.park ? 'park' : 'retrieve') : undefined,
  });
  if (!call || !Object.values(can).some(Boolean)) return null;
  return (
    <section className={css.talk} aria-label={t('desk.talk.title')} data-testid="talk-bar" data-attempt={id}>
      {can.hold && <Tool icon={call.held ? <IconPlayerPlay size={17} /> : <IconPlayerPause size={17} />} label={t(call.held ? 'desk.talk.resume' : 'desk.talk.hold')}
        action="hold" on={call.held} busy={busy === 'hold'} testid="talk-hold" onClick={hold} />}
      {can.mute && <Tool icon={call.muted ? <IconMicrophoneOff size={17} /> : <IconMicrophone size={17} />} label={t(call.muted ? 'desk.talk.unmute' : 'desk.talk.mute')}
        action="mute" on={call.muted} busy={busy === 'mute'} testid="talk-mute" onClick={mute} />}
      {can.keypad && <Keypad attempt={id} opened={keypad} onChange={setKeypad} />}
      {can.transfer && <Tool icon={<IconTransfer size={17} />} label={t('desk.talk.transfer')} action="transfer" testid="talk-transfer" onClick={() => setTransfer(true)} />}
      {can.park && <Tool icon={<IconParking size={17} />} label={t('desk.talk.park')} action="park" busy={busy === 'park'} testid="talk-park" onClick={give('park')} />}
      {can.retrieve && <Tool icon={<IconPlayerPlay size={17} />} label={t('desk.talk.retrieve')} action="park" light busy={busy === 'retrieve'} testid="talk-retrieve" onClick={give('retrieve')} />}
      {can.complete && <Tool icon={<IconUserCheck size={17} />} label={t('desk.talk.complete')} light busy={busy === 'transfer_complete'} testid="talk-complete" onClick={give('transfer_complete')} />}
      {can.three && <Tool icon={<IconUsers size={17} />} label={t('desk.talk.three')} busy={busy === 'three_way'} testid="talk-three" onClick={give('three_way')} />}
      {can.leave && <Tool icon={<IconArrowsSplit2 size={17} />} label={t('desk.talk.leave')} busy={busy === 'leave_three_way'} testid="talk-leave" onClick={give('leave_three_way')} />}
      {can.cancel && <Tool icon={<IconPhoneX size={17} />} label={t('desk.talk.cancel')} color="red" busy={busy === 'consult_cancel'} testid="talk-cancel" onClick={give('consult_cancel')} />}
      <RecordTool screen={screen} />
      <Standing screen={screen} />
      <TransferDialog opened={transfer && can.transfer} onClose={() => setTransfer(false)} attempt={id} />
    </section>
  );
}

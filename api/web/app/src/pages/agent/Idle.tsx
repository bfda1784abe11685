import { Button, TextInput } from '@mantine/core';
import { IconCoffee, IconHeadset, IconParking, IconPhoneCalling, IconPhonePlus } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ParkedCall, Screen } from '../../api/desk';
import { usePhone } from '../../phone/context';
import { useConnection } from '../../stream/context';
import { Empty, Timer } from '../../ui/ui';
import { useCommand } from './command';
import css from './desk.module.css';
import { QualityNotice } from './QualityNotice';
import { keyText, useActions, useKeymap } from './keymap';

/** Dials one number of the campaign's lists by hand. */
function DialBox() {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const map = useKeymap();
  const online = useConnection() === 'open';
  const [number, setNumber] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useActions({ dial: () => box.current?.focus() });
  const dial = async () => {
    if (!number.trim() || busy) return;
    const ack = await run('dial', { number: number.trim() });
    if (ack.ok) setNumber('');
  };
  return (
    <form className={css.dial} onSubmit={(e) => {
      e.preventDefault();
      void dial();
    }}>
      <TextInput ref={box} size="sm" type="tel" maxLength={40} placeholder={t('desk.dial.number')} aria-label={t('desk.dial.number')} value={number}
        title={keyText(map.dial)} onChange={(e) => setNumber(e.currentTarget.value)} data-testid="dial-number" />
      <Button type="submit" variant="default" leftSection={<IconPhonePlus size={16} />} disabled={!online || !number.trim()} loading={busy === 'dial'} data-testid="dial">
        {t('desk.dial.call')}
      </Button>
    </form>
  );
}

function Parked({ calls, ready }: { calls: ParkedCall[]; ready: boolean }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  return (
    <div className={css.parked} data-testid="parked-calls">
      {calls.map((c) => (
        <div key={c.attempt_id} className={css.parkedRow}>
          <IconParking size={18} stroke={1.7} aria-hidden />
          <span className="truncate"><b>{c.contact_name}</b> · {t('desk.talk.parkedBy', { name: c.parked_by })} · <Timer at={c.since} /></span>
          <Button size="compact-sm" variant="light" disabled={!ready} loading={busy === 'retrieve'} onClick={() => void run('retrieve', { attempt_id: c.attempt_id })} data-testid="retrieve">
            {t('desk.talk.retrieve')}
          </Button>
        </div>
      ))}
    </div>
  );
}

/** Between two calls. */
export function Idle({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const inPage = usePhone().state !== 'off';
  const parked = screen.parked_calls ?? [];
  const ready = screen.state === 'Ready';
  const up = screen.phone === 'up';
  const says = !up ? { Icon: IconPhoneCalling, title: t('desk.idle.phone'), hint: t(inPage ? 'phone.idleHint' : 'desk.idle.phoneHint') }
    : ready ? { Icon: IconHeadset, title: t('desk.idle.ready'), hint: t('desk.idle.readyHint') }
      : { Icon: IconCoffee, title: t('desk.idle.notReady'), hint: t('desk.idle.notReadyHint') };
  return (
    <div className={css.waiting}>
      <Empty icon={<says.Icon size={40} stroke={1.3} />} title={says.title} hint={says.hint} />
      {up && (ready || screen.state === 'NotReady') && <DialBox />}
      <QualityNotice />
      {parked.length > 0 && <Parked calls={parked} ready={ready} />}
    </div>
  );
}

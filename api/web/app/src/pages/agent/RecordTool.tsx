import { Button, Kbd } from '@mantine/core';
import { IconPlayerRecordFilled, IconPlayerStopFilled, IconShieldLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/desk';
import { useConnection } from '../../stream/context';
import { Timer } from '../../ui/ui';
import { useCommand } from './command';
import css from './desk.module.css';
import { keyText, useActions, useKeymap } from './keymap';

/** How the call's recording stands, and the switch for it: pause for card data, or start and stop where it is on demand. */
export function RecordTool({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const online = useConnection() === 'open';
  const map = useKeymap();
  const r = screen.state === 'Talking' && screen.call?.status === 'talking' ? screen.recording : null;
  const id = screen.call?.attempt_id ?? '';
  const pause = r?.on && r.may_pause ? () => void run('record_pause', { attempt_id: id, on: !r.paused }) : undefined;
  const start = r?.demand && r.may_pause && !r.on ? () => void run('record', { attempt_id: id, on: true }) : undefined;
  const stop = r?.demand && r.on ? () => void run('record', { attempt_id: id, on: false }) : undefined;
  useActions({ record: online ? pause ?? start : undefined });
  if (!r || (!r.on && !r.demand)) return null;
  const key = keyText(map.record);
  const stands = r.paused ? (r.may_pause ? 'paused' : 'refused') : r.on ? 'on' : 'demand';
  const main = pause ?? start;
  const label = pause ? t(r.paused ? 'tape.desk.resume' : 'tape.desk.pause') : t('tape.desk.start');
  return (
    <>
      {main && (
        <Button size="compact-md" variant={r.paused ? 'filled' : 'default'} color={r.paused ? 'orange' : undefined} loading={busy === 'record_pause' || busy === 'record'}
          leftSection={pause && !r.paused ? <IconShieldLock size={17} /> : <IconPlayerRecordFilled size={15} />} onClick={main} title={`${label} (${key})`}
          aria-pressed={r.paused} aria-keyshortcuts={key} data-testid="talk-record" className={css.tool}>
          <span className={css.toolName}>{label}</span><Kbd size="xs" className={css.toolKey} aria-hidden>{key}</Kbd>
        </Button>
      )}
      {stop && (
        <Button size="compact-md" variant="default" leftSection={<IconPlayerStopFilled size={15} />} loading={busy === 'record'} onClick={stop} data-testid="talk-record-stop" className={css.tool}>
          <span className={css.toolName}>{t('tape.desk.stop')}</span>
        </Button>
      )}
      <span className={css.recording} role="status" data-testid="talk-recording" data-state={stands}>
        <IconPlayerRecordFilled size={13} aria-hidden />
        <span>{t(`tape.desk.${stands}`)}{r.paused && r.until && <>, {t('tape.desk.goesOn')} <Timer at={r.until} down /></>}</span>
      </span>
    </>
  );
}

import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import {
  IconCheck, IconChevronDown, IconClockPlus, IconLogout, IconPhoneCheck, IconPhoneOff, IconPhoneRinging, IconPhoneX,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/types';
import { codeName } from '../../i18n';
import { clock, onTick } from '../../lib/clock';
import { clockText } from '../../lib/format';
import { useConnection } from '../../stream/context';
import { PhonePanel } from '../../phone/PhonePanel';
import { Confirm } from '../../ui/confirm';
import { Timer } from '../../ui/ui';
import css from './agent.module.css';
import { useCommand } from './command';
import { DayPanel } from './DayPanel';
import { HelpTools } from './HelpTools';
import { keyText, useActions, useKeymap } from './keymap';
import { KeysDialog } from './KeysDialog';
import { Watchers } from './Watchers';
import { why } from './why';

/** How much of the time until a deadline is left, as a thin line; tells when the rest is short. */
function Countdown({ since, deadline }: { since: string; deadline: string }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const from = Date.parse(since);
    const to = Date.parse(deadline);
    const draw = () => {
      const left = Math.max(0, Math.min(1, (to - clock.now()) / Math.max(1, to - from)));
      ref.current?.style.setProperty('transform', `scaleX(${left})`);
      if (ref.current) ref.current.dataset.short = String(to - clock.now() < 10_000);
    };
    draw();
    return onTick(draw);
  }, [since, deadline]);
  return <div ref={ref} className={css.countdown} aria-hidden />;
}

const phoneIcons = { up: IconPhoneCheck, ringing: IconPhoneRinging, down: IconPhoneX };

function Phone({ phone }: { phone: Screen['phone'] }) {
  const Icon = phoneIcons[phone] ?? IconPhoneX;
  const text = codeName('phone', phone);
  return (
    <Tooltip label={text}>
      <span className={css.phone} data-state={phone} data-testid="phone" data-phone={phone} role="img" aria-label={text} tabIndex={0}>
        <Icon size={18} stroke={1.7} aria-hidden /><span className={css.wide}>{text}</span>
      </span>
    </Tooltip>
  );
}

/** The reasons for a pause, each with what is left of its day's time. During a call the pause begins after it. */
function PauseItems({ screen, choose }: { screen: Screen; choose: (reason: string) => void }) {
  const { t } = useTranslation();
  const reasons = screen.not_ready_reasons?.length ? screen.not_ready_reasons : ['break'];
  return reasons.map((reason) => {
    const use = screen.pauses?.find((p) => p.reason === reason);
    const left = use && use.limit_seconds > 0 ? use.limit_seconds - use.used_seconds : null;
    return (
      <Menu.Item key={reason} onClick={() => choose(reason)} disabled={use?.blocked} data-testid={`reason-${reason}`}
        rightSection={left !== null && <span className={css.pauseLeft} data-over={left < 0 || undefined}>{left < 0 ? t('desk.bar.over', { time: clockText(-left) }) : t('desk.bar.leftOf', { time: clockText(left) })}</span>}>
        {codeName('notReady', reason)}
      </Menu.Item>
    );
  });
}

/** What is left of the day's time for this pause, or by how much it is overrun. */
function PauseLeft({ until }: { until: string }) {
  const { t } = useTranslation();
  const over = () => clock.now() > Date.parse(until);
  const [past, setPast] = useState(over);
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useEffect(() => onTick(() => setPast(over())), [until]);
  return <div className={css.left} data-testid="pause-left" data-over={past || undefined}>{t(past ? 'desk.bar.pauseOver' : 'desk.bar.pauseLeft')} <Timer at={until} down={!past} /></div>;
}

export function StateBar({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const online = useConnection() === 'open';
  const [menu, setMenu] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const { state, call, leaving: goesOff } = screen;
  const map = useKeymap();
  const canReady = online && (state === 'NotReady' || goesOff) && screen.phone === 'up';
  const canRest = online && state !== 'Offline' && !goesOff;
  const talking = call?.status === 'talking' && state === 'Talking';
  const hangup = () => void run('hangup', { attempt_id: call?.attempt_id });
  // A call that rings out is given up by the same button.
  const onCall = talking || ((call?.status === 'dialing' || call?.status === 'ringing') && state !== 'WrapUp');
  const inCall = state === 'Talking' || state === 'WrapUp' || state === 'Reserved';
  const next = screen.next_pause ?? '';
  const rest = (reason: string) => void run(inCall ? 'next_pause' : 'not_ready', { reason });
  const more = state === 'WrapUp' ? screen.wrap_up?.more_left ?? 0 : 0;
  const moreTime = () => void run('more_wrap_up');
  useActions({
    ready: canReady ? () => void run('ready') : undefined, pause: canRest ? () => setMenu(true) : undefined, hangup: onCall ? hangup : undefined,
    more: more > 0 && online ? moreTime : undefined,
  });
  const by = screen.steered_by || t('help.orderedAnyone');
  const sub = why(screen);
  return (
    <section className={css.bar} data-state={state} aria-label={t('desk.bar.state')}>
      <div className={css.state} data-testid="agent-state" data-agent-state={state}>
        <div className={css.stateName}>{codeName('agentState', state)}</div>
        <div className={css.stateTime}><Timer at={screen.since} testid="state-timer" /></div>
        {screen.ended_by === 'supervisor' && <div className={`${css.sub} truncate`} title={by} data-testid="ordered">{t('help.ordered', { name: by })}</div>}
        {sub && <div className={`${css.sub} truncate`} title={sub} data-testid="state-why">{sub}</div>}
        {screen.pause_until && state === 'NotReady' && <PauseLeft until={screen.pause_until} />}
        {screen.deadline && (
          <div className={css.left} data-testid="deadline">
            {t('desk.bar.leftBefore')} <Timer at={screen.deadline} down testid="deadline-timer" /> {t('desk.bar.leftAfter')}
          </div>
        )}
      </div>
      <Watchers all={screen.watchers} />
      <div className={css.actions}>
        {more > 0 && (
          <Button variant="light" leftSection={<IconClockPlus size={17} />} disabled={!online} loading={busy === 'more_wrap_up'} onClick={moreTime}
            title={keyText(map.more)} data-testid="more-wrap-up">{t('desk.wrapUp.moreLeft', { count: more })}</Button>
        )}
        {onCall && (
          <Button color="red" leftSection={<IconPhoneOff size={17} />} onClick={hangup} loading={busy === 'hangup'}
            title={keyText(map.hangup)} data-testid="hangup">
            {t('desk.call.hangup')}
          </Button>
        )}
        {(state === 'NotReady' || goesOff) && (
          <Button leftSection={<IconCheck size={17} />} disabled={!canReady} loading={busy === 'ready'}
            onClick={() => void run('ready')} title={screen.phone === 'up' ? keyText(map.ready) : t('desk.bar.phoneHelp')} data-testid="ready">
            {t('desk.bar.ready')}
          </Button>
        )}
        <Menu opened={menu} onChange={setMenu} position="bottom-end" withinPortal>
          <Menu.Target>
            <Button variant="default" disabled={!canRest} loading={busy === 'not_ready' || busy === 'next_pause'} title={keyText(map.pause)}
              rightSection={<IconChevronDown size={15} />} data-testid="not-ready">
              {t('desk.bar.notReady')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t(inCall ? 'desk.bar.reasonAfter' : 'desk.bar.reason')}</Menu.Label>
            <PauseItems screen={screen} choose={rest} />
            {next && <Menu.Item onClick={() => void run('next_pause', { reason: '' })} data-testid="no-pause">{t('desk.bar.noPause')}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
        <Tooltip label={t('desk.bar.logout')}>
          <ActionIcon variant="default" size={36} disabled={!online || talking} onClick={() => setLeaving(true)}
            aria-label={t('desk.bar.logout')} data-testid="logout">
            <IconLogout size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <HelpTools screen={screen} />
      </div>
      <div className={css.facts}>
        <DayPanel screen={screen} />
        <div className={`${css.campaign} truncate`} title={screen.session?.campaign_name}>{screen.session?.campaign_name}</div>
        <PhonePanel server={screen.phone} other={<Phone phone={screen.phone} />} />
        <KeysDialog />
      </div>
      {screen.deadline && <Countdown since={screen.since} deadline={screen.deadline} />}
      <Confirm opened={leaving} title={t('desk.bar.logoutAsk', { name: screen.session?.campaign_name })}
        action={t('desk.bar.logout')} onClose={() => setLeaving(false)}
        onConfirm={() => {
          setLeaving(false);
          void run('logout');
        }} />
    </section>
  );
}

import { ActionIcon, Button, Kbd, Menu, Popover, Table, Tooltip } from '@mantine/core';
import {
  IconCheck, IconChevronDown, IconKeyboard, IconLogout, IconPhoneCheck, IconPhoneOff, IconPhoneRinging, IconPhoneX,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/types';
import { codeName } from '../../i18n';
import { clock, onTick } from '../../lib/clock';
import { clockText, useFormats } from '../../lib/format';
import { useKeys } from '../../lib/keys';
import { useConnection } from '../../stream/context';
import { PhonePanel } from '../../phone/PhonePanel';
import { Confirm } from '../../ui/confirm';
import { Timer } from '../../ui/ui';
import css from './agent.module.css';
import { useCommand } from './command';

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

function KeyHelp() {
  const { t } = useTranslation();
  const keys: [string, string][] = [
    ['R', t('desk.keys.ready')], ['N', t('desk.keys.notReady')], ['Shift+H', t('desk.keys.hangup')],
    ['A–H', t('desk.keys.option')], ['Enter', t('desk.keys.script')],
    ['1–9', t('desk.keys.digits')], ['M', t('desk.keys.note')], ['Shift+D', t('desk.result.neverAgain')], ['Ctrl+Enter', t('desk.keys.save')],
  ];
  return (
    <Popover position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('desk.keys.help')} className={css.wideFlex}>
          <IconKeyboard size={19} stroke={1.6} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Table withRowBorders={false} verticalSpacing={3}>
          <Table.Tbody>
            {keys.map(([key, what]) => (
              <Table.Tr key={key}><Table.Td><Kbd size="xs">{key}</Kbd></Table.Td><Table.Td>{what}</Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Popover.Dropdown>
    </Popover>
  );
}

function Today({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { calls, talk_seconds, successes } = screen.today;
  return (
    <dl className={css.today} data-testid="today" aria-label={t('desk.bar.today')}>
      <div><dt>{t('desk.bar.calls')}</dt><dd className="num">{f.number(calls)}</dd></div>
      <div><dt>{t('desk.bar.talk')}</dt><dd className="num">{clockText(talk_seconds)}</dd></div>
      <div><dt>{t('desk.bar.successes')}</dt><dd className="num">{f.number(successes)}</dd></div>
    </dl>
  );
}

export function StateBar({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const online = useConnection() === 'open';
  const [menu, setMenu] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const { state, call, leaving: goesOff } = screen;
  const reasons = screen.not_ready_reasons?.length ? screen.not_ready_reasons : ['break'];
  const canReady = online && (state === 'NotReady' || goesOff) && screen.phone === 'up';
  const canRest = online && state !== 'Offline' && !goesOff;
  const talking = call?.status === 'talking' && state === 'Talking';
  const hangup = () => void run('hangup', { attempt_id: call?.attempt_id });
  useKeys({
    r: canReady ? () => void run('ready') : undefined,
    n: canRest ? () => setMenu(true) : undefined,
    'shift+h': talking ? hangup : undefined,
  });
  const sub = goesOff ? t('desk.bar.leaving') : screen.reason ? codeName('notReady', screen.reason) : '';
  return (
    <section className={css.bar} data-state={state} aria-label={t('desk.bar.state')}>
      <div className={css.state} data-testid="agent-state" data-agent-state={state}>
        <div className={css.stateName} aria-live="polite">{codeName('agentState', state)}</div>
        <div className={css.stateTime}><Timer at={screen.since} testid="state-timer" /></div>
        {sub && <div className={`${css.sub} truncate`} title={sub}>{sub}</div>}
        {screen.deadline && (
          <div className={css.left} data-testid="deadline">
            {t('desk.bar.leftBefore')} <Timer at={screen.deadline} down testid="deadline-timer" /> {t('desk.bar.leftAfter')}
          </div>
        )}
      </div>
      <div className={css.actions}>
        {talking && (
          <Button color="red" leftSection={<IconPhoneOff size={17} />} onClick={hangup} loading={busy === 'hangup'}
            title="Shift+H" data-testid="hangup">
            {t('desk.call.hangup')}
          </Button>
        )}
        {(state === 'NotReady' || goesOff) && (
          <Button leftSection={<IconCheck size={17} />} disabled={!canReady} loading={busy === 'ready'}
            onClick={() => void run('ready')} title={screen.phone === 'up' ? 'R' : t('desk.bar.phoneHelp')} data-testid="ready">
            {t('desk.bar.ready')}
          </Button>
        )}
        <Menu opened={menu} onChange={setMenu} position="bottom-end" withinPortal>
          <Menu.Target>
            <Button variant="default" disabled={!canRest} loading={busy === 'not_ready'} title="N"
              rightSection={<IconChevronDown size={15} />} data-testid="not-ready">
              {t('desk.bar.notReady')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('desk.bar.reason')}</Menu.Label>
            {reasons.map((reason) => (
              <Menu.Item key={reason} onClick={() => void run('not_ready', { reason })} data-testid={`reason-${reason}`}>
                {codeName('notReady', reason)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Tooltip label={t('desk.bar.logout')}>
          <ActionIcon variant="default" size={36} disabled={!online || talking} onClick={() => setLeaving(true)}
            aria-label={t('desk.bar.logout')} data-testid="logout">
            <IconLogout size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={css.facts}>
        <Today screen={screen} />
        <div className={`${css.campaign} truncate`} title={screen.session?.campaign_name}>{screen.session?.campaign_name}</div>
        <PhonePanel server={screen.phone} other={<Phone phone={screen.phone} />} />
        <KeyHelp />
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

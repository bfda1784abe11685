import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconChevronDown, IconEar, IconEye, IconMessage2, IconPhoneIncoming, IconPlayerStop, IconUsersPlus, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { WATCH_MODES, type Watch, type WatchMode } from '../../api/watch';
import type { BoardAgent } from '../../api/types';
import css from './watch.module.css';
import { useOthers, useWatching } from './watching';

export const modeIcons: Record<WatchMode, Icon> = { listen: IconEar, whisper: IconMessage2, barge: IconUsersPlus, takeover: IconPhoneIncoming };

/** Barging in and taking over need a talk. */
const fits = (mode: WatchMode, talking: boolean) => talking || mode === 'listen' || mode === 'whisper';

function Others({ agent }: { agent: string }) {
  const { t } = useTranslation();
  const others = useOthers(agent);
  if (others.length === 0) return null;
  const text = others.map((w) => t(`watch.other.${w.mode}`, { name: w.supervisor })).join(' · ');
  return (
    <Tooltip label={text}>
      <span className={css.others} role="img" aria-label={text} tabIndex={0} data-testid="watched-by"><IconEye size={14} aria-hidden />{others.length > 1 ? others.length : ''}</span>
    </Tooltip>
  );
}

function Items({ modes, now, talking, choose }: { modes: readonly WatchMode[]; now?: WatchMode; talking: boolean; choose: (m: WatchMode) => void }) {
  const { t } = useTranslation();
  return modes.map((mode) => {
    const Icon = modeIcons[mode];
    return (
      <Menu.Item key={mode} leftSection={<Icon size={16} />} disabled={!fits(mode, talking) || mode === now} color={mode === 'takeover' ? 'red' : undefined}
        onClick={() => choose(mode)} data-testid={`watch-${mode}`}>
        {t(`watch.mode.${mode}`)}
        <div className={css.hint}>{t(fits(mode, talking) ? `watch.hint.${mode}` : 'watch.needsTalk')}</div>
      </Menu.Item>
    );
  });
}

/** What a supervisor can do beside one agent: listening is one click, the rest one more. */
export function WatchActions({ agent: a }: { agent: BoardAgent }) {
  const { t } = useTranslation();
  const { watch, busy, act, stop } = useWatching();
  const mine = watch?.agent_id === a.id ? watch : null;
  const there = a.phone === 'up' || a.state === 'Talking';
  const talking = a.state === 'Talking';
  const choose = (mode: WatchMode) => act(a.id, mode);
  if (!mine && !there) return <Others agent={a.id} />;
  const Icon = modeIcons[mine?.mode ?? 'listen'];
  return (
    <span className={css.actions} data-testid="watch" data-mode={mine?.mode ?? ''}>
      <Others agent={a.id} />
      <Button.Group>
        {mine ? (
          <Button size="compact-xs" leftSection={<IconPlayerStop size={13} />} onClick={stop} loading={busy === 'stop'} data-testid="watch-stop"
            aria-label={`${t('watch.stop')}: ${a.name}`}>{t('watch.stop')}</Button>
        ) : (
          <Button size="compact-xs" variant="subtle" leftSection={<Icon size={14} />} loading={busy === a.id} onClick={() => choose('listen')}
            aria-label={`${t('watch.mode.listen')}: ${a.name}`} data-testid="listen">{t('watch.mode.listen')}</Button>
        )}
        {mine?.state !== 'talking' && (
          <Menu position="bottom-end" withinPortal width={230}>
            <Menu.Target>
              <ActionIcon size={22} variant={mine ? 'filled' : 'subtle'} aria-label={t('watch.more', { name: a.name })} data-testid="watch-more">
                {mine ? <Icon size={14} /> : <IconChevronDown size={14} />}
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown><Items modes={WATCH_MODES} now={mine?.mode} talking={talking} choose={choose} /></Menu.Dropdown>
          </Menu>
        )}
      </Button.Group>
    </span>
  );
}

function says(w: Watch): string {
  if (w.state === 'on' && !w.attempt_id) return `watch.between.${w.mode}`;
  return w.state === 'on' ? `watch.now.${w.mode}` : `watch.state.${w.state}`;
}

/** What my phone is beside, on every page of a supervisor's, with all that can be done about it. */
export function WatchBar() {
  const { t } = useTranslation();
  const { watch: w, busy, act, stop } = useWatching();
  if (!w) return null;
  const Icon = modeIcons[w.mode];
  const has = w.state === 'talking';
  return (
    <section className={css.bar} data-state={has || w.mode === 'barge' ? 'warn' : 'info'} aria-label={t('watch.title')} data-testid="watching" data-mode={w.mode} data-watch-state={w.state}>
      <Icon size={18} aria-hidden />
      <span className={`${css.says} truncate`} role="status" title={t(says(w), { name: w.agent })}>{t(says(w), { name: w.agent })}</span>
      {w.silent && !has && <span className={css.silent}>{t('watch.silent')}</span>}
      <span className={css.modes} role="group" aria-label={t('watch.title')}>
        {!has && WATCH_MODES.map((mode) => (
          <Button key={mode} size="compact-sm" variant={w.mode === mode ? 'filled' : 'default'} aria-pressed={w.mode === mode} disabled={!fits(mode, !!w.attempt_id)}
            loading={busy === w.agent_id && w.mode !== mode ? false : undefined} onClick={() => w.mode !== mode && act(w.agent_id, mode)}
            title={t(fits(mode, !!w.attempt_id) ? `watch.hint.${mode}` : 'watch.needsTalk')} data-testid={`bar-${mode}`}>
            {t(`watch.mode.${mode}`)}
          </Button>
        ))}
        <Button size="compact-sm" color="red" variant={has ? 'filled' : 'light'} loading={busy === 'stop'} onClick={stop} data-testid="bar-stop">
          {t(has ? 'watch.endCall' : 'watch.stop')}
        </Button>
      </span>
    </section>
  );
}

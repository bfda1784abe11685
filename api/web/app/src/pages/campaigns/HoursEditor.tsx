import { ActionIcon, Button, Group, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBarToDown, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { WEEKDAYS, type Week, type Weekday } from '../../api/types';
import css from './campaigns.module.css';
import { tidyTime, weekOf } from './draft';

interface Props {
  value: Week;
  errors: Partial<Record<Weekday, string>>;
  onChange: (w: Week) => void;
}

/** The week's calling hours; any number of spans a day, and a span may cross midnight. */
export function HoursEditor({ value, errors, onChange }: Props) {
  const { t } = useTranslation();
  const setDay = (day: Weekday, spans: [string, string][]) => onChange({ ...value, [day]: spans });
  const setTime = (day: Weekday, i: number, side: 0 | 1, text: string) => {
    const spans = (value[day] ?? []).map(([from, to]): [string, string] => [from, to]);
    spans[i]![side] = text;
    setDay(day, spans);
  };
  const copyDown = (day: Weekday) => {
    const next = { ...value };
    for (const d of WEEKDAYS.slice(WEEKDAYS.indexOf(day) + 1)) next[d] = structuredClone(value[day] ?? []);
    onChange(next);
  };
  const time = (day: Weekday, i: number, side: 0 | 1, text: string) => (
    <TextInput size="xs" w={66} value={text} inputMode="numeric" maxLength={5}
      aria-label={`${t('campaigns.spanOf', { day: t(`day.${day}`), n: i + 1 })}, ${t(side ? 'campaigns.to' : 'campaigns.from')}`}
      onChange={(e) => setTime(day, i, side, e.currentTarget.value)} onBlur={(e) => setTime(day, i, side, tidyTime(e.currentTarget.value))}
      data-testid={`hours-${day}-${i}-${side ? 'to' : 'from'}`} />
  );
  return (
    <div>
      <Group gap={6} mb="xs">
        <Button size="compact-xs" variant="default" onClick={() => onChange(weekOf(5, ['09:00', '18:00']))}>{t('campaigns.presetWork')}</Button>
        <Button size="compact-xs" variant="default" onClick={() => onChange(weekOf(6, ['09:00', '20:00']))}>{t('campaigns.presetWide')}</Button>
        <Button size="compact-xs" variant="default" onClick={() => onChange(weekOf(7, ['00:00', '24:00']))} data-testid="hours-always">{t('campaigns.presetAlways')}</Button>
      </Group>
      <div className={css.days}>
        {WEEKDAYS.map((day) => {
          const spans = value[day] ?? [];
          return (
            <div key={day} className={css.day}>
              <span className={css.dayName}>{t(`day.${day}`)}</span>
              <div className={css.spans}>
                {spans.length === 0 && <span className={css.closed}>{t('campaigns.closed')}</span>}
                {spans.map(([from, to], i) => (
                  <span key={i} className={css.span}>
                    {time(day, i, 0, from)}–{time(day, i, 1, to)}
                    <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`${t('act.remove')}: ${t('campaigns.spanOf', { day: t(`day.${day}`), n: i + 1 })}`}
                      onClick={() => setDay(day, spans.filter((_, j) => j !== i))}>
                      <IconX size={13} />
                    </ActionIcon>
                  </span>
                ))}
                {errors[day] && <span className={css.error} role="alert">{errors[day]}</span>}
              </div>
              <Group gap={2} wrap="nowrap">
                <Tooltip label={t('campaigns.addSpan')}>
                  <ActionIcon size="sm" variant="subtle" aria-label={`${t('campaigns.addSpan')}: ${t(`day.${day}`)}`}
                    onClick={() => setDay(day, [...spans, spans.length ? ['13:00', '18:00'] : ['09:00', '18:00']])}>
                    <IconPlus size={14} />
                  </ActionIcon>
                </Tooltip>
                {day !== 'sun' && (
                  <Tooltip label={t('campaigns.copyDown')}>
                    <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`${t('campaigns.copyDown')}: ${t(`day.${day}`)}`} onClick={() => copyDown(day)}>
                      <IconArrowBarToDown size={14} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </Group>
            </div>
          );
        })}
      </div>
    </div>
  );
}

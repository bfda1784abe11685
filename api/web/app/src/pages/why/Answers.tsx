import { Button } from '@mantine/core';
import { IconScaleOutline } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RuleAnswer } from '../../api/law';
import { inTongue } from '../../lib/bilingual';
import { phoneText, useFormats } from '../../lib/format';
import { StatePill } from '../../ui/ui';
import css from './why.module.css';

interface AnswerProps {
  a: RuleAnswer;
  zone: string | undefined;
  /** Missing: nothing can be done here. */
  lift?: () => void;
}

function Answer({ a, zone, lift }: AnswerProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const why = inTongue(a.why, a.why_zh);
  return (
    <li className={css.answer} data-testid="why-answer" data-rule={a.rule} data-pass={a.pass}>
      <div><StatePill state={a.pass ? 'good' : 'bad'}>{t(a.pass ? 'why.permits' : 'why.refuses')}</StatePill></div>
      <div>
        <h3>{inTongue(a.title, a.title_zh)}</h3>
        {why && <p>{why.charAt(0).toUpperCase() + why.slice(1)}</p>}
        {!a.pass && a.until && <p><b>{t('why.from', { time: f.dateTime(a.until) })}</b>{zone && ` · ${t('why.nextHere', { time: `${f.day(Date.parse(a.until), zone)} ${f.time(Date.parse(a.until), zone)}` })}`}</p>}
        {!a.pass && !a.until && <p className={css.soft}>{t(a.act ? 'why.act' : 'why.never')}</p>}
        {a.override && <p><b>{t('override.lifted', { time: f.dateTime(a.override.until) })}</b> · {a.override.why}</p>}
        {lift && <Button size="compact-xs" variant="default" leftSection={<IconScaleOutline size={13} />} onClick={lift} data-testid="why-lift">{t('override.lift')}</Button>}
        {a.registries?.length ? <p>{t('why.registries')}: {a.registries.join(', ')}</p> : null}
        {a.dnc?.map((d) => <p key={d.id}>{[d.phone ? phoneText(d.phone) : t('suppress.person_entry', { id: d.person }), d.reason, d.until ? t('journey.until', { date: f.dateTime(d.until) }) : t('dnc.forever')].filter(Boolean).join(' · ')}</p>)}
        {(a.pack || a.source) && <small>{[a.pack && `${a.pack} / ${a.rule}`, a.source, a.mark && `[${a.mark}]`].filter(Boolean).join(' · ')}</small>}
      </div>
    </li>
  );
}

/** What each rule says, those in the way first, else in the order in which they are asked. */
export function Answers({ answers, zones, liftOf }: { answers: RuleAnswer[]; zones?: string[]; liftOf?: (a: RuleAnswer) => (() => void) | undefined }) {
  const zone = zones?.length === 1 ? zones[0] : undefined;
  const sorted = [...answers.filter((a) => !a.pass), ...answers.filter((a) => a.pass)];
  return <ol className={css.answers}>{sorted.map((a, i) => <Answer key={`${a.rule} ${a.pack ?? ''} ${i}`} a={a} zone={zone} lift={a.pass ? undefined : liftOf?.(a)} />)}</ol>;
}

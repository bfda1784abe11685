import { ActionIcon, NumberInput, SegmentedControl, Textarea, Tooltip } from '@mantine/core';
import { IconClockPlus, IconMessagePlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Card, Question } from '../../api/quality';
import { clockText } from '../../lib/format';
import { StatePill } from '../../ui/ui';
import css from './quality.module.css';
import { mostOf, scoreOf, type Given } from './score';

type One = Given[string];

/** Where the recording is now, and how to get to a place of it. Missing: there is none. */
export interface Places {
  now: () => number;
  seek: (seconds: number) => void;
}

interface RowProps {
  q: Question;
  given: One | undefined;
  lost: number;
  fatal: boolean;
  set?: (one: One) => void;
  places?: Places;
}

const NA = 'na';

function Choice({ q, given, set }: Pick<RowProps, 'q' | 'given'> & { set: (one: One) => void }) {
  const { t } = useTranslation();
  const points = given?.points;
  const value = points === undefined ? '' : points === null ? NA : String(points);
  const take = (v: string) => set({ ...given, points: v === NA ? null : Number(v) });
  const na = q.na ? [{ value: NA, label: t('quality.na') }] : [];
  if (q.kind === 'yesno') {
    return <SegmentedControl size="xs" aria-label={q.text} value={value} onChange={take} data={[{ value: '1', label: t('quality.yes') }, { value: '0', label: t('quality.no') }, ...na]} data-testid={`answer-${q.id}`} />;
  }
  const best = mostOf(q);
  if (best <= 5) {
    return <SegmentedControl size="xs" aria-label={q.text} value={value} onChange={take} data={[...Array.from({ length: best + 1 }, (_, i) => ({ value: String(i), label: String(i) })), ...na]} data-testid={`answer-${q.id}`} />;
  }
  return (
    <span className={css.number}>
      <NumberInput size="xs" w={92} aria-label={q.text} min={0} max={best} clampBehavior="strict" allowDecimal={false} suffix={` / ${best}`} value={points ?? ''} onChange={(v) => set({ ...given, points: v === '' ? undefined : Number(v) })} data-testid={`answer-${q.id}`} />
      {q.na && <SegmentedControl size="xs" aria-label={`${q.text}: ${t('quality.na')}`} value={value === NA ? NA : ''} onChange={take} data={na} />}
    </span>
  );
}

/** What was said, where nothing can be changed. */
function Said({ q, given }: Pick<RowProps, 'q' | 'given'>) {
  const { t } = useTranslation();
  if (given?.points === undefined) return <span className={css.soft}>–</span>;
  if (given.points === null) return <span className={css.soft}>{t('quality.na')}</span>;
  if (q.kind === 'yesno') return <b>{t(given.points === 1 ? 'quality.yes' : 'quality.no')}</b>;
  return <b className="num">{given.points} / {mostOf(q)}</b>;
}

function Row({ q, given, lost, fatal, set, places }: RowProps) {
  const { t, i18n } = useTranslation();
  const [opened, setOpened] = useState(false);
  const words = opened || !!given?.comment;
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const mark = () => places && set?.({ ...given, at: [...(given?.at ?? []), Math.round(places.now() * 10) / 10].slice(-20) });
  return (
    <li className={css.question} data-fatal={fatal || undefined} data-testid="question" data-question={q.id}>
      <div className={css.text}>
        <span>{q.text}{q.fatal && <span className={css.fatal}>{t('quality.fatal')}</span>}</span>
        {q.hint && <small>{q.hint}</small>}
      </div>
      <div className={css.answer}>
        {set ? <Choice q={q} given={given} set={set} /> : <Said q={q} given={given} />}
        <span className={`${css.lost} num`} title={t('quality.lostHint')}>{lost > 0.05 ? `−${number.format(lost)}` : ''}</span>
        {set && (
          <>
            {places && <Tooltip label={t('quality.mark')}><ActionIcon variant="subtle" color="gray" aria-label={`${t('quality.mark')}: ${q.text}`} onClick={mark} data-testid="mark-time"><IconClockPlus size={16} /></ActionIcon></Tooltip>}
            <Tooltip label={t('quality.comment')}><ActionIcon variant="subtle" color="gray" aria-label={`${t('quality.comment')}: ${q.text}`} aria-expanded={words} onClick={() => setOpened(!opened)} data-testid="comment-open"><IconMessagePlus size={16} /></ActionIcon></Tooltip>
          </>
        )}
      </div>
      {(words || !!given?.at?.length) && (
        <div className={css.words}>
          {given?.at?.map((s, i) => (
            <span key={i} className={css.place}>
              <button type="button" disabled={!places} onClick={() => places?.seek(s)} title={t('quality.hear')} data-testid="place">{clockText(s)}</button>
              {set && <button type="button" aria-label={`${t('act.remove')}: ${clockText(s)}`} onClick={() => set({ ...given, at: given.at!.filter((_, k) => k !== i) })}>×</button>}
            </span>
          ))}
          {words && (set
            ? <Textarea size="xs" autosize minRows={1} maxRows={6} maxLength={2000} aria-label={`${t('quality.comment')}: ${q.text}`} placeholder={t('quality.comment')} value={given?.comment ?? ''} onChange={(e) => set({ ...given, comment: e.currentTarget.value })} data-testid={`comment-${q.id}`} />
            : <p>{given?.comment}</p>)}
        </div>
      )}
    </li>
  );
}

interface Props {
  card: Card;
  given: Given;
  comment: string;
  /** Missing: it is only shown. */
  set?: (given: Given) => void;
  setComment?: (text: string) => void;
  places?: Places;
}

/** A scorecard, filled in or to be filled in, with what each answer costs. */
export function SheetForm({ card, given, comment, set, setComment, places }: Props) {
  const { t } = useTranslation();
  const lines = new Map((scoreOf(card, given)?.lines ?? []).map((l) => [l.question, l]));
  return (
    <div className={css.sheet} data-testid="sheet">
      {card.sections.map((s, i) => (
        <section key={i} aria-label={s.title}>
          <h2>{s.title}</h2>
          <ul>
            {s.questions.map((q) => (
              <Row key={q.id} q={q} given={given[q.id]} lost={lines.get(q.id)?.lost ?? 0} fatal={lines.get(q.id)?.fatal ?? false} places={places} set={set && ((one) => set({ ...given, [q.id]: one }))} />
            ))}
          </ul>
        </section>
      ))}
      {setComment
        ? <Textarea label={t('quality.whole')} autosize minRows={2} maxRows={8} maxLength={2000} value={comment} onChange={(e) => setComment(e.currentTarget.value)} data-testid="sheet-comment" />
        : comment && <section><h2>{t('quality.whole')}</h2><p className={css.said}>{comment}</p></section>}
    </div>
  );
}

/** A score as number, colour and, where a fatal question made it 0, a word. */
export function Score({ score, fatal, tone }: { score: number; fatal?: boolean; tone: string }) {
  const { t, i18n } = useTranslation();
  const text = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(score);
  return <StatePill state={tone} testid="score"><span className="num">{text} %</span>{fatal ? ` · ${t('quality.fatal')}` : ''}</StatePill>;
}

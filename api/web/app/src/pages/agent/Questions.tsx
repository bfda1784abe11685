import { Kbd, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Question, ScriptDoc, ScriptOption } from '../../api/desk';
import agentCss from './agent.module.css';
import css from './desk.module.css';
import { localText } from './names';
import { optionsOf, steps, toggled } from './script';

export interface AskProps {
  question: Question;
  options: ScriptOption[];
  value: unknown;
  /** now: the answer is whole, as with a choice; later: somebody is still typing. */
  onChange: (value: unknown, when: 'now' | 'later') => void;
  /** The answer is missing or refused. */
  wrong?: boolean;
  /** Letters choose among the options of this question. */
  lettered?: boolean;
}

/** What tells of a group of radio buttons that it needs an answer, and that the one it has will not do. */
const asked = ({ question, wrong }: AskProps) => ({ role: 'radiogroup', 'aria-labelledby': `q-${question.id}`, 'aria-required': question.required || undefined, 'aria-invalid': wrong || undefined });

function Choices({ question, options, value, onChange, lettered, wrong }: AskProps) {
  const several = question.type === 'multiple';
  const has = (v: string) => (several ? Array.isArray(value) && value.includes(v) : value === v);
  return (
    <div {...(several ? { role: 'group', 'aria-labelledby': `q-${question.id}` } : asked({ question, options, value, onChange, wrong }))} className={agentCss.options}>
      {options.map((o, i) => (
        <label key={o.value} className={agentCss.option} data-checked={has(o.value) || undefined}>
          <input type={several ? 'checkbox' : 'radio'} name={'q-' + question.id} checked={has(o.value)} data-testid={`option-${o.value}`}
            onChange={() => onChange(several ? toggled(value, o, options) : o.value, 'now')} />
          <span>{localText(o.label) || o.value}</span>
          {lettered && i < 8 && <Kbd size="xs" aria-hidden>{'ABCDEFGH'[i]}</Kbd>}
        </label>
      ))}
    </div>
  );
}

function Rating(p: AskProps) {
  const { question, value, onChange } = p;
  return (
    <div {...asked(p)} className={css.stars}>
      {steps(question).map((n) => (
        <label key={n} className={css.star} data-checked={value === n || undefined}>
          <input type="radio" name={'q-' + question.id} checked={value === n} onChange={() => onChange(n, 'now')} data-testid={`rating-${n}`} />
          {n}
        </label>
      ))}
    </div>
  );
}

function Matrix({ question, options, value, onChange }: AskProps) {
  const chosen = (value ?? {}) as Record<string, string>;
  return (
    <div className={css.matrix}>
      <table aria-labelledby={`q-${question.id}`}>
        <thead><tr><td />{options.map((o) => <th key={o.value} scope="col">{localText(o.label) || o.value}</th>)}</tr></thead>
        <tbody>
          {(question.rows ?? []).map((row) => (
            <tr key={row.value}>
              <th scope="row">{localText(row.label) || row.value}</th>
              {options.map((o) => (
                <td key={o.value}>
                  <label><input type="radio" name={`q-${question.id}-${row.value}`} checked={chosen[row.value] === o.value} aria-label={`${localText(row.label)}: ${localText(o.label)}`}
                    onChange={() => onChange({ ...chosen, [row.value]: o.value }, 'now')} data-testid={`cell-${row.value}-${o.value}`} /></label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Typed({ question, value, onChange, wrong }: AskProps) {
  const label = { 'aria-labelledby': `q-${question.id}`, 'aria-required': question.required || undefined, error: wrong };
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  switch (question.type) {
    case 'number': case 'money':
      return <NumberInput {...label} value={text} min={question.min} max={question.max} clampBehavior="none" decimalScale={question.decimals ?? (question.type === 'money' ? 2 : undefined)}
        thousandSeparator={question.type === 'money' ? ' ' : undefined} suffix={question.type === 'money' && question.currency ? ` ${question.currency}` : undefined} maw={260}
        onChange={(v) => onChange(v === '' ? null : Number(v), 'later')} data-testid="answer" />;
    case 'date':
      return <TextInput {...label} type="date" value={text} min={question.from} max={question.to} maw={260} onChange={(e) => onChange(e.currentTarget.value || null, 'later')} data-testid="answer" />;
  }
  return <Textarea {...label} value={text} autosize minRows={1} maxRows={6} maxLength={question.max ?? 2000} onChange={(e) => onChange(e.currentTarget.value || null, 'later')} data-testid="answer" />;
}

const kinds: Partial<Record<Question['type'], (p: AskProps) => React.ReactNode>> = { single: Choices, multiple: Choices, rating: Rating, matrix: Matrix };

interface OneProps extends Omit<AskProps, 'options' | 'wrong'> {
  doc: ScriptDoc;
  text: string;
  problem?: string;
}

/** One question of a page with its answer. */
export function Ask({ doc, text, problem, ...p }: OneProps) {
  const { t } = useTranslation();
  const Kind = kinds[p.question.type] ?? Typed;
  const hint = localText(p.question.hint);
  const id = `q-${p.question.id}`;
  const about = [hint && id + '-hint', problem && id + '-problem'].filter(Boolean).join(' ');
  return (
    <fieldset className={css.question} aria-describedby={about || undefined} data-testid={`question-${p.question.id}`} data-missing={problem ? true : undefined}>
      <legend id={id} className={css.questionName}>
        {text || t('desk.script.answer')}{p.question.required && <span className={css.required} title={t('desk.script.mandatory')} aria-label={t('desk.script.mandatory')}>*</span>}
      </legend>
      {hint && <p id={id + '-hint'} className={css.questionHint}>{hint}</p>}
      <Kind {...p} wrong={!!problem} options={optionsOf(doc, p.question)} />
      {problem && <p role="alert" id={id + '-problem'} className={agentCss.missing}>{problem}</p>}
    </fieldset>
  );
}

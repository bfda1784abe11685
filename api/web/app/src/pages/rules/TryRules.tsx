import { Accordion, Button, MultiSelect, Select, Switch, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post } from '../../api/http';
import { ACTIVITIES, type Pack, type RuleAnswer } from '../../api/law';
import { codeName } from '../../i18n';
import { fieldText, problemText } from '../../i18n/problem';
import { inTongue } from '../../lib/bilingual';
import { useFormats } from '../../lib/format';
import { StatePill } from '../../ui/ui';
import { Answers } from '../why/Answers';
import css from './rules.module.css';

interface Place {
  region: string;
  zones: string[];
}

interface Verdict {
  permit: boolean;
  rule?: string;
  until: string | null;
  why?: string;
  why_zh?: string;
  number: Place;
  address?: Place;
  answers: RuleAnswer[];
}

function Result({ v }: { v: Verdict }) {
  const { t } = useTranslation();
  const f = useFormats();
  const place = (p: Place) => t('rules.place', { region: p.region || '–', zones: p.zones.join(', ') });
  return (
    <div data-testid="try-verdict" data-permit={v.permit}>
      <StatePill state={v.permit ? 'good' : 'bad'}>{t(v.permit ? 'rules.permit' : 'rules.forbid')}</StatePill>{' '}
      <Text span size="sm">
        {v.permit ? '' : inTongue(v.why ?? '', v.why_zh)} {!v.permit && v.until && t('rules.lawful', { time: f.dateTime(v.until) })}{' '}
        <Text span c="dimmed">{place(v.number)}{v.address && ` · ${t('rules.address')}: ${place(v.address)}`}</Text>
      </Text>
      <Answers answers={v.answers} zones={v.number.zones} />
    </div>
  );
}

/** Asks rules about a number that nobody calls. */
export function TryRules({ packs, pack }: { packs: Pack[]; pack: string }) {
  const { t } = useTranslation();
  const [phone, setPhone] = useState('');
  const [at, setAt] = useState('');
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [activity, setActivity] = useState('sales');
  const [agent, setAgent] = useState(false);
  const [consent, setConsent] = useState(false);
  const ask = useMutation({
    mutationFn: () => post<Verdict>('/rules/check', {
      phone: phone.trim(), packs: chosen ?? [pack], activity, agent, consent, caller_id: '+12065550100', at: at ? new Date(at).toISOString() : undefined,
    }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    ask.mutate();
  };
  const wrong = ask.error instanceof ApiError ? ask.error.fields.find((x) => x.path === 'phone') : undefined;
  return (
    <Accordion variant="contained" chevronPosition="left" transitionDuration={0}>
      <Accordion.Item value="try">
        <Accordion.Control data-testid="try-rules"><Text size="sm" fw={600}>{t('rules.try')}</Text><Text size="xs" c="dimmed">{t('rules.tryHint')}</Text></Accordion.Control>
        <Accordion.Panel>
          <form onSubmit={submit} className={css.try} noValidate>
            <div className={css.tryRow}>
              <TextInput label={t('rules.tryPhone')} placeholder="+12025550100" inputMode="tel" value={phone} onChange={(e) => setPhone(e.currentTarget.value)} error={wrong && fieldText(wrong.message)} data-testid="try-phone" />
              <TextInput type="datetime-local" label={`${t('rules.tryAt')} (${t('rules.tryAtHint')})`} value={at} onChange={(e) => setAt(e.currentTarget.value)} />
              <Select label={t('law.activity')} allowDeselect={false} value={activity} onChange={(v) => setActivity(v ?? 'sales')} data={ACTIVITIES.map((value) => ({ value, label: codeName('activity', value) }))} />
            </div>
            <MultiSelect label={t('rules.packs')} searchable value={chosen ?? [pack]} onChange={setChosen} data={packs.map((p) => ({ value: p.id, label: inTongue(p.title, p.title_zh) }))} />
            <div className={css.tryRow}>
              <Switch label={t('rules.tryAgent')} checked={agent} onChange={(e) => setAgent(e.currentTarget.checked)} />
              <Switch label={t('rules.tryConsent')} checked={consent} onChange={(e) => setConsent(e.currentTarget.checked)} />
              <Button type="submit" loading={ask.isPending} disabled={phone.trim().length < 3} data-testid="try-ask">{t('rules.ask')}</Button>
            </div>
            {ask.isError && !wrong && <Text c="red" size="sm" role="alert">{problemText(ask.error)}</Text>}
            {ask.data && <Result v={ask.data} />}
          </form>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

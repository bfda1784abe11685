import { Select, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { ACTIVITIES, RULE_KINDS, type Pack, type Rule } from '../../api/law';
import { usePacks } from '../../api/lawQueries';
import { codeName } from '../../i18n';
import { inTongue } from '../../lib/bilingual';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { Empty, Load, Page, Panel, StatePill } from '../../ui/ui';
import css from './rules.module.css';
import { TryRules } from './TryRules';
import { daysSince, keeper, paramsOf, pick } from './words';

const keeperState = { checked: 'good', watched: 'info', people: 'plain' } as const;

function Facts({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const holds = [rule.from && t('rules.since', { date: rule.from }), rule.to && t('rules.upTo', { date: rule.to })].filter(Boolean).join(' ');
  const old = (daysSince(rule.verified, clock.now()) ?? 0) > 366;
  return (
    <div className={css.facts}>
      <span>{t('rules.where')}: {rule.where?.join(', ') || t('rules.everywhere')}</span>
      <span>{t('rules.activities')}: {rule.activities?.map((a) => codeName('activity', a)).join(', ') || t('rules.allOf')}</span>
      {rule.override && rule.override.length > 0 && <span>{t('override.byRule', { grounds: rule.override.map((g) => t(`override.${g}`)).join('; ') })}</span>}
      {holds && <span>{t('rules.holds')}: {holds}</span>}
      {rule.source && <span>{t('rules.source')}: {rule.source}</span>}
      {rule.mark && <Tooltip label={t(rule.mark === 'V' ? 'rules.markV' : 'rules.markS')}><span tabIndex={0} data-mark={rule.mark}>[{rule.mark}] {t(rule.mark === 'V' ? 'rules.markV' : 'rules.markS')}</span></Tooltip>}
      {rule.verified && <span data-state={old ? 'warn' : undefined} style={old ? { color: 'var(--s)' } : undefined}>{t(old ? 'rules.old' : 'rules.verified', { date: rule.verified })}</span>}
    </div>
  );
}

function RuleItem({ rule, pack }: { rule: Rule; pack: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const who = keeper(rule.kind);
  return (
    <li className={css.rule} data-testid="rule-row" data-rule={rule.id}>
      <div className={css.top}>
        <h3>{inTongue(rule.title, rule.title_zh)}</h3>
        <StatePill state={keeperState[who]}>{`${codeName('ruleKind', rule.kind)} · ${t(`rules.${who}`)}`}</StatePill>
      </div>
      {rule.kind !== 'conduct' && <div className={css.says}>{paramsOf(t, rule, f.percent).join('; ')}</div>}
      <Facts rule={rule} />
      <Text size="xs" c="dimmed" ff="monospace">{`${pack} / ${rule.id}`}</Text>
    </li>
  );
}

function PackView({ pack }: { pack: Pack }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [kind, setKind] = useState<string | null>(null);
  const [activity, setActivity] = useState<string | null>(null);
  const rules = pick(pack.rules, { text: useDeferredValue(text), kind: kind ?? '', activity: activity ?? '' });
  const kinds = RULE_KINDS.filter((k) => pack.rules.some((r) => r.kind === k));
  return (
    <Panel testid="pack" title={inTongue(pack.title, pack.title_zh)} aside={(
      <Text size="xs" c="dimmed">{t('rules.covers', { regions: pack.covers.join(', ') })} · {t('rules.count', { n: pack.rules.length })} · {t('rules.reviewed', { date: pack.version })}</Text>
    )}>
      <div className={css.filters}>
        <TextInput flex="1 1 180px" size="xs" placeholder={t('rules.search')} aria-label={t('rules.search')} leftSection={<IconSearch size={14} />} value={text} onChange={(e) => setText(e.currentTarget.value)} data-testid="rule-search" />
        <Select size="xs" w={150} clearable placeholder={t('rules.allKinds')} aria-label={t('rules.allKinds')} value={kind} onChange={setKind} data={kinds.map((value) => ({ value, label: codeName('ruleKind', value) }))} />
        <Select size="xs" w={150} clearable placeholder={t('rules.allActivities')} aria-label={t('rules.allActivities')} value={activity} onChange={setActivity} data={ACTIVITIES.map((value) => ({ value, label: codeName('activity', value) }))} />
      </div>
      {rules.length === 0 ? <Empty title={t('rules.none')} /> : <ul className={css.list}>{rules.map((r) => <RuleItem key={r.id} rule={r} pack={pack.id} />)}</ul>}
    </Panel>
  );
}

/** The packs of rules with what each rule says, where it is from and when somebody last read that. */
export default function RulesPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const packs = usePacks();
  return (
    <Page title={t('rules.title')} actions={<Text size="sm" c="dimmed">{t('rules.intro')}</Text>}>
      <Load query={packs} empty={(p) => p.length === 0} whenEmpty={<Panel><Empty title={t('rules.empty')} /></Panel>}>
        {(all) => {
          const shown = all.find((p) => p.id === id) ?? all[0]!;
          return (
            <div className={css.layout}>
              <Panel title={t('rules.packs')}>
                <ul className={css.packs}>
                  {all.map((p) => (
                    <li key={p.id}>
                      <UnstyledButton aria-current={p.id === shown.id} onClick={() => go(`/rules/${p.id}`)} data-testid="pack-row" data-pack={p.id}>
                        <b>{inTongue(p.title, p.title_zh)}</b>
                        <small>{t('rules.count', { n: p.rules.length })} · {t('rules.reviewed', { date: p.version })}</small>
                      </UnstyledButton>
                    </li>
                  ))}
                </ul>
              </Panel>
              <div className={css.body}>
                <TryRules packs={all} pack={shown.id} />
                <PackView key={shown.id} pack={shown} />
              </div>
            </div>
          );
        }}
      </Load>
    </Page>
  );
}

import { Button, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Pack, Registry } from '../../api/law';
import type { Campaign } from '../../api/types';
import { codeName } from '../../i18n';
import { inTongue } from '../../lib/bilingual';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { Panel, Scroll, StatePill } from '../../ui/ui';
import { Area } from './Coverage';
import css from './dnc.module.css';
import { needsOf, type Need } from './needs';

const tones = { missing: 'bad', never: 'bad', tooOld: 'bad', soon: 'warn', fresh: 'good', noLimit: 'plain' } as const;
const SHOWN = 3;

function By({ need }: { need: Need }) {
  const { t } = useTranslation();
  return (
    <ul className={css.plainList}>
      {need.rules.map(({ pack, rule }, i) => (
        <li key={i}>
          {pack ? <Link href={`/rules/${pack.id}`} title={inTongue(rule.title, rule.title_zh)}>{inTongue(pack.title, pack.title_zh)}</Link> : inTongue(rule.title, rule.title_zh)}
          {rule.activities && rule.activities.length > 0 && <Text span size="xs" c="dimmed"> {t('needs.sales', { activities: rule.activities.map((a) => codeName('activity', a)).join(', ') })}</Text>}
        </li>
      ))}
      {need.demandedBy.length > 0 && <li>{t('needs.ownDemand')}</li>}
    </ul>
  );
}

function Names({ of }: { of: Campaign[] }) {
  const { t } = useTranslation();
  return (
    <>
      {of.slice(0, SHOWN).map((c, i) => <span key={c.id}>{i > 0 && ', '}<Link href={`/campaigns/${c.id}/why`}>{c.name}</Link></span>)}
      {of.length > SHOWN && ` ${t('needs.more', { n: of.length - SHOWN })}`}
    </>
  );
}

function HeldUp({ need }: { need: Need }) {
  const { t } = useTranslation();
  if (need.askedBy.length + need.demandedBy.length === 0) return <Text size="sm" c="dimmed">{t('needs.unused')}</Text>;
  if (need.heldUp.length === 0) return <Text size="sm" c="dimmed">{t('needs.nothing')}</Text>;
  const whole = need.heldUp.filter((c) => need.demandedBy.includes(c));
  const some = need.heldUp.filter((c) => !need.demandedBy.includes(c));
  return (
    <>
      {whole.length > 0 && <div className={css.wrap}><b>{t('needs.everybodyWaits')}</b>: <Names of={whole} /></div>}
      {some.length > 0 && <div className={css.wrap}><b>{t('needs.numbersWait', { region: need.region })}</b>: <Names of={some} /></div>}
    </>
  );
}

function Row({ need, make }: { need: Need; make?: (region: string) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const r = need.registry;
  return (
    <Table.Tr data-testid="need" data-region={need.region} data-need-state={need.state} data-held-up={need.heldUp.length}>
      <Table.Td fw={600} style={{ whiteSpace: 'nowrap' }}>{need.region}</Table.Td>
      <Table.Td miw={150}><By need={need} /></Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{need.limit === null ? '–' : t('needs.days', { n: need.limit })}</Table.Td>
      <Table.Td maw={260}>
        {r ? <><div className="truncate" title={r.name}>{r.name}</div><Text size="xs" c="dimmed" className="num">{t('needs.numbers', { n: f.number(r.numbers) })}</Text><Text size="xs" c="dimmed"><Area of={r} /></Text></>
          : make ? <Button size="compact-xs" variant="light" leftSection={<IconPlus size={13} />} onClick={() => make(need.region)} aria-label={`${t('needs.make')}: ${need.region}`} data-testid="need-make">{t('needs.make')}</Button> : '–'}
      </Table.Td>
      <Table.Td>
        <StatePill state={tones[need.state]}>{need.state === 'missing' ? t('needs.missing') : t(`registry.${need.state}`)}</StatePill>
        {need.goodUntil !== null && need.state !== 'tooOld' && <Text size="xs" c="dimmed" mt={3}>{t('needs.until', { date: f.dateTime(need.goodUntil) })}</Text>}
      </Table.Td>
      <Table.Td miw={180}><HeldUp need={need} /></Table.Td>
    </Table.Tr>
  );
}

interface Props {
  packs: Pack[];
  campaigns: Campaign[];
  registries: Registry[];
  /** Missing: the reader may not make one. */
  make?: (region: string) => void;
}

/** Which registry which rule needs, how old it is, and what stands still for want of it. */
export function Needs({ packs, campaigns, registries, make }: Props) {
  const { t } = useTranslation();
  const needs = needsOf(packs, campaigns, registries, clock.now());
  return (
    <Panel title={t('needs.title')} testid="needs" aside={<Text size="xs" c="dimmed">{t('needs.hint')}</Text>}>
      {needs.length === 0 ? <Text size="sm" c="dimmed" p="md">{t('needs.none')}</Text> : (
        <Scroll label={t('needs.title')}>
          <Table>
            <Table.Thead>
              <Table.Tr><Table.Th>{t('needs.region')}</Table.Th><Table.Th>{t('needs.by')}</Table.Th><Table.Th>{t('needs.most')}</Table.Th><Table.Th>{t('needs.loaded')}</Table.Th><Table.Th>{t('needs.state')}</Table.Th><Table.Th>{t('needs.stops')}</Table.Th></Table.Tr>
            </Table.Thead>
            <Table.Tbody>{needs.map((n) => <Row key={n.region} need={n} make={make} />)}</Table.Tbody>
          </Table>
        </Scroll>
      )}
    </Panel>
  );
}

import { Button, Group, Select, Switch, Table, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ListedOverride, Override, Pack } from '../../api/law';
import { useEndOverride, useOverrides, usePacks } from '../../api/lawQueries';
import { useCampaigns } from '../../api/queries';
import type { Campaign } from '../../api/types';
import { inTongue } from '../../lib/bilingual';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { ReasonDialog } from '../../ui/ReasonDialog';
import { Scroll, StatePill } from '../../ui/ui';
import { useUserNames } from '../campaigns/api';
import { plainPhone } from './consent';
import { OverrideForm } from './OverrideForm';
import { liftableRules, overrideState, ruleOf } from './overrides';
import { RowsPanel } from './RowsPanel';

/** Asks why an exception ends before its time. */
export function EndOverride({ override, onClose }: { override: Override | null; onClose: () => void }) {
  const { t } = useTranslation();
  const end = useEndOverride();
  return (
    <ReasonDialog opened={override !== null} onClose={onClose} title={t('override.endTitle')} lines={[override && [override.phone && phoneText(override.phone), override.rule, override.why].filter(Boolean).join(' · '), t('override.endHint')]}
      label={t('override.endReason')} longest={500} action={t('override.end')} done={t('override.endDone')} onReason={(reason) => end.mutateAsync({ id: override!.id, reason })} />
  );
}

export const overrideTones = { valid: 'good', over: 'plain', ended: 'bad' } as const;

interface RowsProps {
  rows: ListedOverride[];
  packs: Pack[];
  campaigns: Campaign[];
  end?: (o: Override) => void;
}

// The number, and who that is; of an exception for a contact with all its numbers the contact.
function Whom({ of: o }: { of: ListedOverride }) {
  const { t } = useTranslation();
  const name = o.who && <Link href={`/contacts/${o.who.id}`} data-testid="override-who">{o.who.name || t('override.contact')}</Link>;
  return (
    <>
      <div className="num truncate">{o.phone ? phoneText(o.phone) : t('override.allNumbers')}</div>
      {name && <Text size="xs" className="truncate" title={o.who?.name}>{name}</Text>}
    </>
  );
}

function Rows({ rows, packs, campaigns, end }: RowsProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const users = useUserNames();
  const who = (id: string | null) => users.data?.find((u) => u.id === id)?.name ?? '';
  return (
    <Scroll>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('override.whom')}</Table.Th><Table.Th>{t('override.rule')}</Table.Th><Table.Th>{t('override.why')}</Table.Th><Table.Th>{t('override.campaign')}</Table.Th>
            <Table.Th>{t('override.state')}</Table.Th><Table.Th>{t('override.until')}</Table.Th><Table.Th>{t('override.by')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((o) => {
            const state = overrideState(o, clock.now());
            const rule = ruleOf(o.rule, packs, campaigns);
            const title = rule ? inTongue(rule.title, rule.title_zh) : packs.length > 0 ? o.rule : '…'; // names come a moment later
            const campaign = o.campaign_id ? (campaigns.find((c) => c.id === o.campaign_id)?.name ?? '…') : t('override.everywhere');
            const why = [o.why, o.ended_why].filter(Boolean).join(' · ');
            return (
              <Table.Tr key={o.id} data-testid="override-row" data-rule={o.rule} data-phone={o.phone} data-override-state={state}>
                <Table.Td maw={200}><Whom of={o} /></Table.Td>
                <Table.Td maw={280}><div className="truncate" title={title}>{title}</div><Text size="xs" c="dimmed" className="truncate" title={t(`override.${o.ground}`)}>{`${o.rule} · ${t(`override.${o.ground}`)}`}</Text></Table.Td>
                <Table.Td maw={280}><div className="truncate" title={why}>{why}</div></Table.Td>
                <Table.Td maw={180}><div className="truncate" title={campaign}>{campaign}</div></Table.Td>
                <Table.Td><StatePill state={overrideTones[state]}>{t(`override.${state}`)}</StatePill></Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(o.ended_at ?? o.until)}<Text size="xs" c="dimmed">{t('override.since')} {f.dateTime(o.since)}</Text></Table.Td>
                <Table.Td maw={130}><div className="truncate" title={who(o.by)}>{who(o.by)}</div></Table.Td>
                <Table.Td ta="right">{end && state === 'valid' && <Button size="compact-xs" variant="default" onClick={() => end(o)} aria-label={`${t('override.end')}: ${o.phone || t('override.contact')} ${o.rule}`} data-testid="override-end">{t('override.end')}</Button>}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

/** Which rules somebody has lifted for whom, on which ground, until when. */
export function Overrides() {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const packs = usePacks().data ?? [];
  const campaigns = useCampaigns().data ?? [];
  const [phone, setPhone] = useState('');
  const [rule, setRule] = useState<string | null>(null);
  const [valid, setValid] = useState(false);
  const [typed] = useDebouncedValue(phone.trim(), 250);
  const asked = plainPhone(typed);
  const query = useOverrides({ phone: asked, rule: rule ?? '', valid: valid ? 'true' : '' });
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Override | null>(null);
  const filtered = !!(asked || rule || valid);
  return (
    <>
      <Group mb={12} gap="md" align="center" wrap="wrap">
        {manage && <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)} data-testid="add-override">{t('override.add')}</Button>}
        <Text size="sm" c="dimmed" flex="1 1 320px" maw={900}>{t('override.intro')}</Text>
      </Group>
      <RowsPanel query={query} filtered={filtered} none={t('override.none')} empty={t('override.empty')} emptyHint={t('override.emptyHint')} testid="overrides" filters={(
        <>
          <TextInput size="xs" placeholder={t('override.search')} aria-label={t('override.search')} inputMode="tel" leftSection={<IconSearch size={14} />} value={phone} onChange={(e) => setPhone(e.currentTarget.value)} data-testid="override-search" />
          <Select size="xs" clearable searchable placeholder={t('override.allRules')} aria-label={t('override.rule')} value={rule} onChange={setRule}
            data={liftableRules(packs, undefined).map((g) => ({ group: g.pack ? inTongue(g.pack.title, g.pack.title_zh) : '', items: g.rules.map((r) => ({ value: r.id, label: inTongue(r.title, r.title_zh) })) }))} />
          <Switch size="sm" label={t('override.validOnly')} checked={valid} onChange={(e) => setValid(e.currentTarget.checked)} data-testid="override-valid" />
        </>
      )}>
        {(rows) => <Rows rows={rows} packs={packs} campaigns={campaigns} end={manage ? setEnding : undefined} />}
      </RowsPanel>
      <OverrideForm opened={adding} onClose={() => setAdding(false)} />
      <EndOverride override={ending} onClose={() => setEnding(null)} />
    </>
  );
}
